"""The address of a ComfyUI server as the user gives it, checked and taken apart."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit, urlunsplit

from ..errors import InputError

_LOCAL = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """The address of a ComfyUI server.

    Attributes:
        shown: For people and errors: without user name and password.
        url: The whole address, without a trailing "/".
        login: User name and password; None without.
        is_local: Whether it is this machine; then proxies of the environment are bypassed.
    """

    shown: str
    url: str
    login: tuple[str, str] | None
    is_local: bool

    @classmethod
    def parse(cls, url: str) -> ServerAddress:
        """Parses an address such as http://127.0.0.1:8188; a path before ComfyUI's own is kept.

        Raises:
            InputError: It is not an address, or has a query.
        """
        try:
            parts = urlsplit(url if "://" in url else f"http://{url}")
            host, port = parts.hostname, parts.port
        except ValueError:
            host = port = None
            parts = urlsplit("")
        if parts.scheme not in ("http", "https") or not host or parts.query:
            raise InputError(
                "server must be an address without a query",
                url,
                "Write it like http://127.0.0.1:8188.",
                "server",
            )
        path = parts.path.rstrip("/")
        host_and_port = f"[{host}]" if ":" in host else host
        host_and_port += f":{port}" if port else ""
        login = (unquote(parts.username or ""), unquote(parts.password or ""))
        return cls(
            shown=urlunsplit((parts.scheme, host_and_port, path, "", "")),
            url=urlunsplit((parts.scheme, parts.netloc, path, "", "")),
            login=login if any(login) else None,
            is_local=host in _LOCAL,
        )
