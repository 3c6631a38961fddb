"""A real ComfyUI in a subprocess, for tests that need the host itself.

The host is found through two environment variables:

- ``COMFYUI_PATH``: the folder that holds ComfyUI's ``main.py``.
- ``COMFYUI_PYTHON``: the interpreter that has ComfyUI's requirements. Without it, the virtual
  environment inside ``COMFYUI_PATH`` (``.venv`` or ``venv``), else the running interpreter.

Only the standard library is used, so this file works under any interpreter.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import mimetypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import OpenerDirector, ProxyHandler, Request, build_opener

PATH_VARIABLE = "COMFYUI_PATH"
PYTHON_VARIABLE = "COMFYUI_PYTHON"

_FOLDERS = ("custom_nodes", "models", "input", "output", "temp", "user/default")
_LOG_TAIL_LINES = 60


class HostError(RuntimeError):
    """ComfyUI could not be started, ended early, or answered with an error."""


class PromptRejected(HostError):
    """ComfyUI refused a prompt before running it.

    Attributes:
        error: ComfyUI's ``error`` object (``type``, ``message``, ``details``).
        node_errors: ComfyUI's ``node_errors``, keyed by node id.
    """

    def __init__(self, error: Any, node_errors: Mapping[str, Any]) -> None:
        """Builds a message with one line per refused input."""
        self.error = error
        self.node_errors = dict(node_errors)
        super().__init__("\n".join(_rejection_lines(error, self.node_errors)))


class PromptFailed(HostError):
    """A prompt ran and ended with an error, or was interrupted.

    Attributes:
        entry: The history entry.
        node_id: The node that raised, empty when ComfyUI names none.
        node_type: The node's class id.
        exception_type: Name of the exception's class, as ComfyUI reports it.
        exception_message: The exception's text.
    """

    def __init__(self, entry: dict[str, Any]) -> None:
        """Reads the failing node out of the history entry's messages."""
        self.entry = entry
        details: Mapping[str, Any] = {}
        for name, data in entry.get("status", {}).get("messages", []):
            if name in ("execution_error", "execution_interrupted"):
                details = data
        self.node_id = str(details.get("node_id", ""))
        self.node_type = str(details.get("node_type", ""))
        self.exception_type = str(details.get("exception_type", "interrupted"))
        self.exception_message = str(details.get("exception_message", "")).strip()
        trace = "".join(details.get("traceback", []))
        super().__init__(
            f"Node {self.node_id} ({self.node_type}) failed: "
            f"{self.exception_type}: {self.exception_message}\n{trace}"
        )


class ComfyHost:
    """One ComfyUI server with its own folders, port and log.

    Use it as a context manager, or call `start` and `stop`. Nothing outside `base_dir` is
    written, apart from Python's own bytecode caches.

    Attributes:
        base_dir: ComfyUI's ``--base-directory``.
        port: The port on 127.0.0.1; set by `start`.
    """

    def __init__(
        self,
        packs: Mapping[str, Path] | None = None,
        *,
        user_files: Mapping[str, str | bytes | Path] | None = None,
        extra_args: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
        base_dir: Path | None = None,
        comfyui_path: Path | None = None,
        python: Path | None = None,
        start_timeout: float = 180.0,
    ) -> None:
        """Prepares a host; nothing runs before `start`.

        Args:
            packs: Custom-node packs, folder name under ``custom_nodes`` to the pack's folder or
                single ``.py`` file. They are linked, or copied where links are not allowed.
            user_files: Files to lay into ``user/default`` before the start, relative path to
                content (text, bytes, or a path to copy from).
            extra_args: More command-line arguments for ``main.py``.
            env: More environment variables for the subprocess.
            base_dir: An existing empty folder to use, kept after `stop`. Without it a temporary
                folder is made and removed.
            comfyui_path: Folder with ``main.py``; default from ``COMFYUI_PATH``.
            python: Interpreter; default from ``COMFYUI_PYTHON``, see `find_python`.
            start_timeout: Seconds to wait for the first answer.

        Raises:
            HostError: If no ComfyUI is found.
        """
        found = comfyui_path or find_comfyui()
        if found is None:
            raise HostError(f"{PATH_VARIABLE} must name a folder with ComfyUI's main.py")
        self.comfyui_path = found
        self.python = python or find_python(found)
        self._owns_base_dir = base_dir is None
        self.base_dir = base_dir or Path(tempfile.mkdtemp(prefix="comfyui-"))
        self.port = 0
        self._client_id = uuid.uuid4().hex
        self._packs = dict(packs or {})
        self._user_files = dict(user_files or {})
        self._extra_args = list(extra_args)
        self._env = dict(env or {})
        self._start_timeout = start_timeout
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None
        # A proxy of the environment must not see requests to this machine.
        self._opener: OpenerDirector = build_opener(ProxyHandler({}))

    def __enter__(self) -> ComfyHost:
        """Starts the server."""
        return self.start()

    def __exit__(self, *exc_info: object) -> None:
        """Stops the server."""
        self.stop()

    # -- places ---------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """The server's address without a trailing slash."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def custom_nodes_dir(self) -> Path:
        """Where the packs lie."""
        return self.base_dir / "custom_nodes"

    @property
    def models_dir(self) -> Path:
        """ComfyUI's ``models`` folder; files may be added while the server runs."""
        return self.base_dir / "models"

    @property
    def input_dir(self) -> Path:
        """ComfyUI's ``input`` folder."""
        return self.base_dir / "input"

    @property
    def output_dir(self) -> Path:
        """ComfyUI's ``output`` folder."""
        return self.base_dir / "output"

    @property
    def temp_dir(self) -> Path:
        """ComfyUI's ``temp`` folder; ComfyUI empties it when it starts and ends."""
        return self.base_dir / "temp"

    @property
    def user_dir(self) -> Path:
        """The folder of ComfyUI's only user, ``user/default``."""
        return self.base_dir / "user" / "default"

    @property
    def log_path(self) -> Path:
        """The file with everything the server wrote to stdout and stderr."""
        return self.base_dir / "comfyui.log"

    # -- life cycle -----------------------------------------------------------------------

    def start(self) -> ComfyHost:
        """Lays out the folders, starts ComfyUI and waits for its first answer.

        After `stop` or `kill` it may be started again on the same folders.

        Returns:
            This host.

        Raises:
            HostError: If ComfyUI ends early or does not answer in time; with the log's tail.
        """
        if self._process is not None:
            raise HostError("this host is already running")
        self._lay_out()
        self.port = _free_port()
        self._log = self.log_path.open("wb")
        command = [str(self.python), "main.py", *self._arguments()]
        self._process = subprocess.Popen(
            command,
            cwd=self.comfyui_path,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=os.name == "posix",
        )
        atexit.register(self.stop)
        try:
            self._wait_until_ready()
        except BaseException:
            self._end_process()
            raise
        return self

    def stop(self) -> None:
        """Ends ComfyUI with all its children; may be called more than once."""
        self._end_process()
        if self._owns_base_dir:
            shutil.rmtree(self.base_dir, ignore_errors=True)

    def kill(self) -> None:
        """Ends ComfyUI with no time to do anything, as a crash or a power cut does.

        Its folders stay as they are; `start` starts it on them again.
        """
        if self._process is None:
            raise HostError("this host is not running")
        _signal_group(self._process, getattr(signal, "SIGKILL", signal.SIGTERM))
        self._process.wait()
        self._end_process()

    def is_running(self) -> bool:
        """Whether the subprocess lives."""
        return self._process is not None and self._process.poll() is None

    def log_text(self) -> str:
        """Everything ComfyUI wrote so far.

        What is logged shows up at once; what a pack prints may wait in a buffer until `stop`.
        """
        if not self.log_path.is_file():
            return ""
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    # -- ComfyUI's HTTP API ---------------------------------------------------------------

    def object_info(self, node: str | None = None) -> dict[str, Any]:
        """Definitions of the installed nodes.

        Args:
            node: A node id; without it all nodes are returned, keyed by id.

        Raises:
            KeyError: If ComfyUI has no such node.
        """
        if node is None:
            return self.get_json("/object_info")
        return self.get_json(f"/object_info/{quote(node, safe='')}")[node]

    def queue(self, prompt: Mapping[str, Any], extra_data: Mapping[str, Any] | None = None) -> str:
        """Queues a prompt in API format.

        Args:
            prompt: Node id to ``{"class_type": …, "inputs": {…}}``.
            extra_data: ComfyUI's ``extra_data``, e.g. ``{"extra_pnginfo": {"workflow": …}}``.

        Returns:
            The prompt id.

        Raises:
            PromptRejected: If ComfyUI refuses the prompt, or drops a branch of it.
            HostError: If ComfyUI's answer is not JSON, as when its own code fails.
        """
        body = {
            "prompt": prompt,
            "extra_data": dict(extra_data or {}),
            # Without a client, newer cores leave cached nodes out of the history's outputs.
            "client_id": self._client_id,
        }
        status, raw = self.request("POST", "/prompt", body)
        answer = _parse(raw)
        if not isinstance(answer, dict):
            raise HostError(f"POST /prompt: HTTP {status}: {answer}")
        if status != 200:
            raise PromptRejected(answer.get("error"), answer.get("node_errors") or {})
        if answer.get("node_errors"):
            # One valid output is enough for ComfyUI to run; a test wants all of them.
            self.cancel(answer["prompt_id"])
            raise PromptRejected("some outputs are invalid", answer["node_errors"])
        return answer["prompt_id"]

    def wait(self, prompt_id: str, timeout: float = 300.0) -> dict[str, Any]:
        """Waits until a prompt has ended, well or badly.

        Returns:
            The history entry: ``outputs`` (node id to what the node gave as ``ui``), ``status``
            (``status_str`` is ``success`` or ``error``) and ``prompt``.

        Raises:
            TimeoutError: If it takes longer than `timeout` seconds; the prompt is cancelled.
            HostError: If ComfyUI ends meanwhile.
        """
        deadline = time.monotonic() + timeout
        pause = 0.02
        while True:
            self._require_running()
            entry = self.get_json(f"/history/{prompt_id}").get(prompt_id)
            if entry is not None:
                return entry
            if time.monotonic() > deadline:
                self.cancel(prompt_id)
                raise TimeoutError(
                    f"prompt {prompt_id} did not end in {timeout:g} s\n{self._log_tail()}"
                )
            time.sleep(pause)
            pause = min(pause * 1.5, 0.5)

    def run(self, prompt: Mapping[str, Any], timeout: float = 300.0) -> dict[str, Any]:
        """Queues a prompt and waits for its success.

        Returns:
            The history entry, see `wait`.

        Raises:
            PromptRejected: If ComfyUI refuses the prompt.
            PromptFailed: If a node raises; names the node and the exception.
            TimeoutError: If it takes longer than `timeout` seconds.
        """
        entry = self.wait(self.queue(prompt), timeout)
        if entry.get("status", {}).get("status_str") != "success":
            raise PromptFailed(entry)
        return entry

    def cancel(self, prompt_id: str) -> None:
        """Takes a prompt out of the queue, and interrupts it if it runs."""
        self.request("POST", "/queue", {"delete": [prompt_id]})
        self.request("POST", "/interrupt", {"prompt_id": prompt_id})

    def view(self, filename: str, subfolder: str = "", type: str = "output") -> bytes:  # noqa: A002
        """A file that ComfyUI serves, named the way history entries name it.

        Args:
            filename: Name without folders.
            subfolder: Folder below the root.
            type: ``output``, ``input`` or ``temp``.
        """
        query = urlencode({"filename": filename, "subfolder": subfolder, "type": type})
        return self.get(f"/view?{query}")

    def upload_image(self, path: Path, subfolder: str = "", name: str | None = None) -> str:
        """Uploads a picture into ComfyUI's input folder, replacing one of the same name.

        Returns:
            The value for ``LoadImage``'s ``image`` widget.
        """
        boundary = uuid.uuid4().hex
        name = name or path.name
        mime = mimetypes.guess_type(name)[0] or "application/octet-stream"
        fields = {"overwrite": "true", "type": "input", "subfolder": subfolder}
        head = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
            for key, value in fields.items()
        )
        head += (
            f'--{boundary}\r\nContent-Disposition: form-data; name="image"; '
            f'filename="{name}"\r\nContent-Type: {mime}\r\n\r\n'
        )
        body = head.encode() + path.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
        status, raw = self.request(
            "POST", "/upload/image", body, f"multipart/form-data; boundary={boundary}"
        )
        if status != 200:
            raise HostError(f"POST /upload/image: HTTP {status}: {_parse(raw)}")
        answer = json.loads(raw)
        return f"{answer['subfolder']}/{answer['name']}" if answer["subfolder"] else answer["name"]

    def get(self, path: str) -> bytes:
        """The body of a GET request.

        Args:
            path: From the slash on, query included.

        Raises:
            HostError: For any status other than 200.
        """
        status, raw = self.request("GET", path)
        if status != 200:
            raise HostError(f"GET {path}: HTTP {status}: {_parse(raw)}")
        return raw

    def get_json(self, path: str) -> Any:
        """The JSON answer of a GET request, see `get`."""
        return json.loads(self.get(path))

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        content_type: str = "application/json",
        timeout: float = 60.0,
    ) -> tuple[int, bytes]:
        """Sends one HTTP request.

        Args:
            method: HTTP method.
            path: From the slash on, query included.
            body: Bytes are sent as they are, anything else as JSON.
            content_type: Type of the body.
            timeout: Seconds for the answer.

        Returns:
            Status code and body, whatever the status is.

        Raises:
            HostError: If the server cannot be reached.
        """
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        headers = {} if data is None else {"Content-Type": content_type}
        request = Request(self.url + path, data=data, headers=headers, method=method)
        try:
            with self._opener.open(request, timeout=timeout) as response:
                return response.status, response.read()
        except HTTPError as error:
            with error:
                return error.code, error.read()
        except OSError as error:
            raise HostError(f"{method} {path}: {error}\n{self._log_tail()}") from error

    # -- inside ---------------------------------------------------------------------------

    def _lay_out(self) -> None:
        for folder in _FOLDERS:
            (self.base_dir / folder).mkdir(parents=True, exist_ok=True)
        for name, source in self._packs.items():
            _link_or_copy(source.resolve(), self.custom_nodes_dir / name)
        for relative, content in self._user_files.items():
            target = self.user_dir / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, Path):
                content = content.read_bytes()
            target.write_bytes(content.encode() if isinstance(content, str) else content)

    def _arguments(self) -> list[str]:
        database = (self.base_dir / "user" / "comfyui.db").as_posix()
        return [
            "--cpu",
            "--disable-auto-launch",
            *("--listen", "127.0.0.1"),
            *("--port", str(self.port)),
            *("--base-directory", str(self.base_dir)),
            *("--database-url", f"sqlite:///{database}"),
            *self._extra_args,
        ]

    def _environment(self) -> dict[str, str]:
        # What the tests' interpreter was started with must not reach another interpreter.
        dropped = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "COMFYUI_FOLDERS_BASE_PATH")
        environment = {key: value for key, value in os.environ.items() if key not in dropped}
        environment.update(PYTHONUNBUFFERED="1", PYTHONIOENCODING="utf-8", HF_HUB_OFFLINE="1")
        environment.update(self._env)
        return environment

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + self._start_timeout
        while True:
            self._require_running()
            try:
                with self._opener.open(f"{self.url}/system_stats", timeout=5):
                    return
            except (URLError, OSError):
                pass
            if time.monotonic() > deadline:
                raise HostError(
                    f"ComfyUI did not answer in {self._start_timeout:g} s\n{self._log_tail()}"
                )
            time.sleep(0.1)

    def _require_running(self) -> None:
        if self._process is None:
            raise HostError("this host is not running")
        code = self._process.poll()
        if code is not None:
            raise HostError(f"ComfyUI ended with exit code {code}\n{self._log_tail()}")

    def _log_tail(self) -> str:
        lines = self.log_text().splitlines()[-_LOG_TAIL_LINES:]
        return "\n".join(["--- end of ComfyUI's log ---", *lines])

    def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            atexit.unregister(self.stop)
            _signal_group(process, signal.SIGTERM)
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                pass
            finally:
                # Children may outlive their parent; the group still holds them.
                _signal_group(process, getattr(signal, "SIGKILL", signal.SIGTERM))
                process.wait()
        if self._log is not None:
            self._log.close()
            self._log = None


def find_comfyui() -> Path | None:
    """The folder named by ``COMFYUI_PATH``, or None when it is unset or empty.

    Raises:
        HostError: If the variable is set but the folder has no ``main.py``.
    """
    value = os.environ.get(PATH_VARIABLE, "").strip()
    if not value:
        return None
    path = Path(value).expanduser().resolve()
    if not (path / "main.py").is_file():
        raise HostError(f"{PATH_VARIABLE}={value} has no main.py; name ComfyUI's own folder")
    return path


def find_python(comfyui_path: Path) -> Path:
    """The interpreter for a ComfyUI folder, see this module's description."""
    value = os.environ.get(PYTHON_VARIABLE, "").strip()
    if value:
        # Not resolved: the link inside a virtual environment is what selects it.
        return Path(value).expanduser().absolute()
    for environment in (".venv", "venv"):
        for inside in ("bin/python", "Scripts/python.exe"):
            candidate = comfyui_path / environment / inside
            if candidate.is_file():
                return candidate
    return Path(sys.executable)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _link_or_copy(source: Path, target: Path) -> None:
    if target.exists():  # of an earlier start
        return
    try:
        target.symlink_to(source, target_is_directory=source.is_dir())
    except OSError:
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns(".git", "__pycache__"))
        else:
            shutil.copy2(source, target)


def _signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
    elif process.poll() is None:
        process.terminate()


def _parse(raw: bytes) -> Any:
    text = raw.decode("utf-8", errors="replace")
    try:
        return json.loads(text)
    except ValueError:
        return text


def _rejection_lines(error: Any, node_errors: Mapping[str, Any]) -> list[str]:
    if isinstance(error, Mapping):
        error = " ".join(str(error.get(key, "")) for key in ("message", "details")).strip()
    lines = [f"ComfyUI refused the prompt: {error}"]
    for node_id, found in node_errors.items():
        for problem in found.get("errors", []):
            lines.append(
                f"  node {node_id} ({found.get('class_type')}): "
                f"{problem.get('message')}: {problem.get('details')}"
            )
    return lines
