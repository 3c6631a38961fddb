"""Routes for the clips in the output folder: list, poster, delete and restore."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import web

from ..errors import InputError
from ..library import ClipIndex, PosterError, Trash, poster
from ..metadata.folders import find_in_folders
from ..metadata.limits import MetadataError
from .host import Host
from .http import Fields, Refused, json_object

#: Clips in one request to delete or restore.
_MOST = 1000

# A poster's address holds the time of its clip's last change.
_FOR_EVER = {"Cache-Control": "private, max-age=31536000, immutable"}


class ClipRoutes:
    """``/wanderlens/clips`` with ``/delete`` and ``/restore``, and ``/wanderlens/poster``."""

    def __init__(self, here: Host) -> None:
        """Nothing is read yet."""
        self._here = here
        # Decoding takes a core; a page of posters must not take all of them from the sampler.
        self._decoding = threading.BoundedSemaphore(2)
        self._indexed: ClipIndex | None = None
        self._trash: Trash | None = None

    async def clips(self, _: web.Request) -> web.Response:
        """Our clips, the newest first."""
        return web.json_response(await asyncio.to_thread(self._clips))

    def _clips(self) -> dict[str, Any]:
        index = self._index()
        return {"clips": [clip.as_json() for clip in index.clips()], "more": index.more}

    def _index(self) -> ClipIndex:
        if self._indexed is None:
            self._indexed = ClipIndex(self._output(), self._here.private() / "clips.json")
        return self._indexed

    async def poster(self, request: web.Request) -> web.StreamResponse:
        """A clip's first frame as a JPEG."""
        query = request.query
        kind, name = query.get("type", "output"), _name(dict(query))
        file = await asyncio.to_thread(self._poster, f"{name} [{kind}]")
        # An address without a version may be another clip's tomorrow: ComfyUI uses names again.
        caching = _FOR_EVER if "v" in query else {"Cache-Control": "no-cache"}
        return web.FileResponse(file, headers={**caching, "Content-Type": "image/jpeg"})

    def _poster(self, name: str) -> Path:
        try:
            file = find_in_folders(name, self._here.folders())
            with self._decoding:
                return poster(file, self._here.private() / "posters")
        except MetadataError as error:
            raise Refused(f"The clip {name!r:.120} was not read: {error}.", 404) from error
        except PosterError as error:
            raise Refused(str(error), 415) from error

    async def delete(self, request: web.Request) -> web.Response:
        """Takes clips away; `restore` brings them back until the server ends."""
        self._check_owner()
        names = [_name(clip) for clip in _listed(await json_object(request), "clips", dict)]
        return web.json_response(await asyncio.to_thread(self._delete, names))

    def _delete(self, names: list[str]) -> dict[str, Any]:
        output, trash = self._output(), self._open_trash()
        ours = {_joined(clip.subfolder, clip.filename) for clip in self._index().clips()}
        for name in names:  # all of them before any is moved
            if name not in ours:
                raise Refused(f"{name!r:.120} is no clip of Wanderlens that is there.", 404)
        files = [output / name for name in names]
        moved, error = _as_far_as_it_goes(files, lambda file: trash.remove(file, output))
        deleted = [{"id": entry, **_place(file, output)} for file, entry in moved]
        return {"deleted": deleted, **error}

    async def restore(self, request: web.Request) -> web.Response:
        """Brings deleted clips back."""
        self._check_owner()
        ids = _listed(await json_object(request), "ids", str)
        return web.json_response(await asyncio.to_thread(self._restore, ids))

    def _restore(self, ids: list[str]) -> dict[str, Any]:
        output, trash = self._output(), self._open_trash()
        moved, error = _as_far_as_it_goes(ids, trash.restore)
        return {"restored": [_place(file, output) for _, file in moved], **error}

    def _check_owner(self) -> None:
        """Refuses to move clips where they may be somebody else's."""
        if self._here.several_users():
            raise Refused(
                "On a server with several users clips are not deleted from the page, because they "
                "may be another user's. Delete them in ComfyUI's output folder.",
                403,
            )

    def _output(self) -> Path:
        return self._here.folders()["output"].resolve()

    def _open_trash(self) -> Trash:
        if self._trash is None:
            # ComfyUI empties its folder of temporary files when it starts and when it ends.
            self._trash = Trash(self._here.folders()["temp"] / "wanderlens" / "deleted")
        return self._trash


def _name(clip: dict[str, Any]) -> str:
    """A clip's name below its folder."""
    parts = [clip.get("subfolder", ""), clip.get("filename", "")]
    if not all(isinstance(part, str) for part in parts) or not parts[1]:
        raise Refused("A clip is named by filename and subfolder.")
    return _joined(*parts)


def _joined(subfolder: str, filename: str) -> str:
    return f"{subfolder}/{filename}" if subfolder else filename


def _place(file: Path, output: Path) -> dict[str, str]:
    folder = file.parent.relative_to(output).as_posix()
    return {"filename": file.name, "subfolder": "" if folder == "." else folder}


def _listed(data: dict[str, Any], name: str, kind: type) -> list[Any]:
    """A list out of a request.

    Raises:
        Refused: It is none, is empty or too long, or holds something else.
    """
    items = Fields(data, frozenset({name})).raw(name)
    if not isinstance(items, list) or not 0 < len(items) <= _MOST:
        raise Refused(f"{name} must be a list of 1 to {_MOST}.")
    if not all(isinstance(item, kind) for item in items):
        raise Refused(f"{name} holds something else.")
    return items


_T = TypeVar("_T")
_Done = TypeVar("_Done")


def _as_far_as_it_goes(
    items: list[_T], move: Callable[[_T], _Done]
) -> tuple[list[tuple[_T, _Done]], dict[str, str]]:
    """Moves one after the other, and stops at the first that cannot be moved.

    Returns:
        What was moved, with what the move gave; and "error", if it stopped.

    Raises:
        Refused: Not even the first one can be moved.
    """
    done: list[tuple[_T, _Done]] = []
    for item in items:
        try:
            done.append((item, move(item)))
        except (InputError, OSError) as error:
            said = str(error)
            if isinstance(error, OSError):
                said = f"The file cannot be moved: {error.strerror or error}."
            if not done:
                raise Refused(said, 409) from error
            return done, {"error": said}
    return done, {}
