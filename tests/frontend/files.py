"""ComfyUI's routes of files: pictures, the user's data and settings, extensions and locales.

Shaped after ComfyUI 0.8.0: ``server.py``, ``app/user_manager.py``, ``app/app_settings.py`` and
``app/custom_node_manager.py``. One user, and no more than our page and the front end ask for.
"""

from __future__ import annotations

import json
import mimetypes
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from aiohttp import web

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "web"
PACK = "wanderlens"
LOCALE_FILES = ("nodeDefs", "commands", "settings")


class FileRoutes:
    """The folders ``input``, ``output``, ``temp`` and ``user/default`` below one folder."""

    def __init__(self, base: Path, front_end: Path) -> None:
        """Makes the folders.

        Args:
            base: Where they are.
            front_end: The front end's static files.
        """
        self.base = base
        self.front_end = front_end
        self.user = base / "user" / "default"
        for name in ("input", "output", "temp", "user/default"):
            (base / name).mkdir(parents=True, exist_ok=True)

    def register(self, table: web.RouteTableDef) -> None:
        """Adds the routes."""
        for path, handler in (
            ("/view", self.view),
            ("/extensions", self.extensions),
            ("/i18n", self.i18n),
            ("/workflow_templates", self.templates),
            ("/settings", self.settings),
            ("/settings/{id}", self.setting),
            ("/userdata", self.list_user_files),
            ("/v2/userdata", self.list_user_files_v2),
            ("/userdata/{file}", self.user_file),
        ):
            table.get(path)(handler)
        for path, handler in (
            ("/upload/image", self.upload),
            ("/settings", self.set_settings),
            ("/settings/{id}", self.set_setting),
            ("/userdata/{file}", self.write_user_file),
        ):
            table.post(path)(handler)
        table.post("/userdata/{file}/move/{dest}")(self.move_user_file)
        table.delete("/userdata/{file}")(self.delete_user_file)

    def names(self, folder: str, *endings: str) -> list[str]:
        """The files right in a folder, as loaders list them; with an ending, if there are any."""
        files = sorted(file.name for file in (self.base / folder).iterdir() if file.is_file())
        return [name for name in files if not endings or name.lower().endswith(endings)]

    # -- pictures and clips -------------------------------------------------------------------

    async def view(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        if "filename" not in query:
            return web.Response(status=404)
        folder = self.base / query.get("type", "output")
        file = _inside(folder, f"{query.get('subfolder', '')}/{query['filename']}")
        if file is None:
            return web.Response(status=403)
        if not file.is_file():
            return web.Response(status=404)
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        headers = {"Content-Disposition": f'filename="{file.name}"', "Content-Type": kind}
        return web.FileResponse(file, headers=headers)

    async def upload(self, request: web.Request) -> web.Response:
        post = await request.post()
        image, subfolder = post["image"], str(post.get("subfolder", ""))
        assert isinstance(image, web.FileField)
        kind = str(post.get("type", "input"))
        folder = _inside(self.base / kind, subfolder)
        if folder is None:
            return web.Response(status=400)
        folder.mkdir(parents=True, exist_ok=True)
        content, name, turn = image.file.read(), image.filename, 0
        stem, ending = Path(name).stem, Path(name).suffix
        while (folder / name).exists() and post.get("overwrite") not in ("true", "1"):
            if (folder / name).read_bytes() == content:
                break
            turn += 1
            name = f"{stem} ({turn}){ending}"
        (folder / name).write_bytes(content)
        return web.json_response({"name": name, "subfolder": subfolder, "type": kind})

    # -- extensions, locales, templates -------------------------------------------------------

    async def extensions(self, _: web.Request) -> web.Response:
        core = (self.front_end / "extensions").rglob("*.js")
        ours = WEB.rglob("*.js")
        found = [f"/{file.relative_to(self.front_end).as_posix()}" for file in sorted(core)]
        found += [f"/extensions/{PACK}/{file.relative_to(WEB).as_posix()}" for file in sorted(ours)]
        return web.json_response(found)

    async def i18n(self, _: web.Request) -> web.Response:
        translations = {}
        for folder in sorted((ROOT / "locales").iterdir()):
            tree = _json(folder / "main.json")
            for name in LOCALE_FILES:
                if content := _json(folder / f"{name}.json"):
                    tree[name] = content
            translations[folder.name] = tree
        return web.json_response(translations)

    async def templates(self, _: web.Request) -> web.Response:
        titles = sorted(file.stem for file in (ROOT / "workflows").glob("*.json"))
        return web.json_response({PACK: titles})

    # -- settings and the user's files ---------------------------------------------------------

    def _settings(self) -> dict[str, Any]:
        return _json(self.user / "comfy.settings.json")

    def _change_settings(self, changed: dict[str, Any]) -> None:
        text = json.dumps({**self._settings(), **changed}, indent=4)
        (self.user / "comfy.settings.json").write_text(text, encoding="utf-8")

    async def settings(self, _: web.Request) -> web.Response:
        return web.json_response(self._settings())

    async def setting(self, request: web.Request) -> web.Response:
        return web.json_response(self._settings().get(request.match_info["id"]))

    async def set_settings(self, request: web.Request) -> web.Response:
        self._change_settings(await request.json())
        return web.Response()

    async def set_setting(self, request: web.Request) -> web.Response:
        self._change_settings({request.match_info["id"]: await request.json()})
        return web.Response()

    async def list_user_files(self, request: web.Request) -> web.Response:
        query = request.query
        if not query.get("dir"):
            return web.Response(status=400, text="Directory not provided")
        folder = _inside(self.user, query["dir"])
        if folder is None:
            return web.Response(status=403, text="Invalid directory")
        # ComfyUI makes the folder above the one that is asked for, and so may the one itself.
        if not folder.is_dir():
            return web.Response(status=404, text="Directory not found")
        pattern = "**/*" if query.get("recurse") == "true" else "*"
        files = sorted(file for file in folder.glob(pattern) if file.is_file())
        if query.get("full_info") == "true":
            return web.json_response([_info(file, folder) for file in files])
        paths = [file.relative_to(folder).as_posix() for file in files]
        split = query.get("split") == "true"
        return web.json_response([[path, *path.split("/")] for path in paths] if split else paths)

    async def list_user_files_v2(self, request: web.Request) -> web.Response:
        folder = _inside(self.user, unquote(request.query.get("path", "")))
        if folder is None or not folder.is_dir():
            return web.Response(status=404, text="Requested path not found")
        entries = [
            {"name": file.name, "path": file.relative_to(self.user).as_posix(),
             "type": "directory" if file.is_dir() else "file"}
            for file in sorted(folder.rglob("*"))
        ]  # fmt: skip
        return web.json_response(entries)

    def _user_file(self, request: web.Request, name: str = "file") -> Path:
        file = _inside(self.user, unquote(request.match_info[name]))
        if file is None:
            raise web.HTTPForbidden
        return file

    async def user_file(self, request: web.Request) -> web.StreamResponse:
        file = self._user_file(request)
        return web.FileResponse(file) if file.is_file() else web.Response(status=404)

    async def write_user_file(self, request: web.Request) -> web.Response:
        file = self._user_file(request)
        if request.query.get("overwrite") == "false" and file.exists():
            return web.Response(status=409, text="File already exists")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(await request.read())
        return self._told(request, file)

    async def move_user_file(self, request: web.Request) -> web.Response:
        file, target = self._user_file(request), self._user_file(request, "dest")
        if not file.is_file():
            return web.Response(status=404)
        if request.query.get("overwrite") == "false" and target.exists():
            return web.Response(status=409, text="File already exists")
        target.parent.mkdir(parents=True, exist_ok=True)
        file.replace(target)
        return self._told(request, target)

    async def delete_user_file(self, request: web.Request) -> web.Response:
        file = self._user_file(request)
        if not file.is_file():
            return web.Response(status=404)
        file.unlink()
        return web.Response(status=204)

    def _told(self, request: web.Request, file: Path) -> web.Response:
        if request.query.get("full_info") == "true":
            return web.json_response(_info(file, self.user))
        return web.json_response(file.relative_to(self.user).as_posix())


def _inside(folder: Path, name: str) -> Path | None:
    """A path below a folder; None where it leads out of it."""
    path = (folder / name.lstrip("/")).resolve()
    return path if path.is_relative_to(folder.resolve()) else None


def _info(file: Path, folder: Path) -> dict[str, Any]:
    status = file.stat()
    return {
        "path": file.relative_to(folder).as_posix(),
        "size": status.st_size,
        "modified": status.st_mtime,
        "created": status.st_ctime,
    }


def _json(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
