"""Steers ComfyUI's front end through Playwright; needs no more than Playwright itself.

The functions take Playwright's synchronous ``Page`` of a loaded front end. What they ask of
the front end is its public surface for extensions: ``app``, ``LiteGraph`` and the settings.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

CHROMIUM_VARIABLE = "CHROMIUM_PATH"

CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # The front end asks outside servers for news; tests stay on this machine.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)

# What keeps the front end from opening dialogs. "Comfy.Workflow.Persist" stays on, its default:
# without it the front end opens no workflow at all.
SETTINGS: Mapping[str, Any] = {
    "Comfy.TutorialCompleted": True,  # else the template browser covers a new user's canvas
    "Comfy.Notification.ShowVersionUpdates": False,
    "Comfy.Workflow.ShowMissingModelsWarning": False,
    "Comfy.Locale": "en",
    "Comfy.ColorPalette": "dark",
    "Comfy.VueNodes.Enabled": False,
}

# Files the front end asks for; where they are absent, Chromium reports the 404 as an error.
USER_FILES: Mapping[str, str] = {
    "comfy.settings.json": json.dumps(dict(SETTINGS)),
    "comfy.templates.json": "[]",
    "user.css": "",
    "workflows/.index.json": '{"favorites": []}',
}

# Addresses the front end itself asks for in vain on a fresh installation; the last one where
# the front end is newer than the core.
_EXPECTED_404 = (
    "/user.css",
    "/favicon.ico",
    "/api/userdata?dir=subgraphs",
    "/api/global_subgraphs",
)

_READY = "() => !!window.app?.vueAppReady && !!window.app.graph && !!window.app.extensionManager"


def find_chromium() -> str | None:
    """The browser named by ``CHROMIUM_PATH``, else one on the search path, else None."""
    named = os.environ.get(CHROMIUM_VARIABLE, "").strip()
    if named:
        return named
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        found = shutil.which(name)
        if found:
            return found
    return None


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A started Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=find_chromium(), args=list(CHROMIUM_ARGUMENTS)
        )
        yield launched
        launched.close()


def missing_browser() -> str | None:
    """What is missing for `chromium`, None where nothing is."""
    if importlib.util.find_spec("playwright") is None:
        return "Playwright is not installed"
    if find_chromium() is None:
        return f"no Chromium on the search path, and {CHROMIUM_VARIABLE} is not set"
    return None


@contextlib.contextmanager
def new_page(browser: Browser, errors: list[str]) -> Iterator[Page]:
    """An empty page in a fresh profile; its errors are collected as by `collect_errors`."""
    fresh = browser.new_context(viewport={"width": 1600, "height": 1000}, locale="en-US")
    with contextlib.closing(fresh) as context:
        context.set_default_timeout(30_000)
        opened = context.new_page()
        collect_errors(opened, errors)
        yield opened


def collect_errors(page: Page, errors: list[str]) -> None:
    """Appends the page's uncaught exceptions and console errors to a list from now on.

    Left out is what fails on every fresh installation without a network: loading anything from
    another server, and the few files of the front end's own that do not exist.
    """

    def on_console(message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        url = message.location.get("url", "")
        if "net::ERR_NAME_NOT_RESOLVED" in message.text:
            return
        if "status of 404" in message.text and any(known in url for known in _EXPECTED_404):
            return
        errors.append(f"{message.text} ({url})")

    page.on("console", on_console)
    page.on("pageerror", lambda error: errors.append(f"{error.message}\n{error.stack or ''}"))


def open_front_end(page: Page, url: str, timeout: float = 60.0) -> None:
    """Loads ComfyUI's page and waits until extensions are set up and the canvas is usable."""
    page.goto(url, wait_until="load", timeout=timeout * 1000)
    page.wait_for_function(_READY, timeout=timeout * 1000)
    # The first graph is loaded after the extensions' setup.
    page.wait_for_function("() => window.app.graph.nodes.length > 0", timeout=timeout * 1000)
    settle(page)


def open_empty_canvas(page: Page, url: str) -> None:
    """Loads ComfyUI's page as `open_front_end`, and empties the canvas."""
    open_front_end(page, url)
    clear_graph(page)


def settle(page: Page) -> None:
    """Waits until the front end has drawn what changed last."""
    page.evaluate(
        """async () => {
            const frame = () => new Promise((done) => requestAnimationFrame(done));
            window.app.canvas?.setDirty(true, true);
            for (let i = 0; i < 3; i++) await frame();
        }"""
    )


def open_graph(page: Page, workflow_json: Mapping[str, Any] | str | Path) -> None:
    """Loads a workflow in UI format, replacing what the canvas holds.

    Args:
        page: A loaded front end.
        workflow_json: The parsed workflow, its text, or the path of its file.
    """
    if isinstance(workflow_json, Path):
        workflow_json = workflow_json.read_text(encoding="utf-8")
    workflow = json.loads(workflow_json) if isinstance(workflow_json, str) else workflow_json
    page.evaluate("(workflow) => window.app.loadGraphData(workflow)", workflow)
    settle(page)


def clear_graph(page: Page) -> None:
    """Empties the canvas."""
    page.evaluate("() => window.app.graph.clear()")
    settle(page)


def add_node(page: Page, node_type: str, pos: Sequence[float] = (200, 200)) -> int:
    """Puts a new node on the canvas.

    Returns:
        The node's id.

    Raises:
        LookupError: If the front end knows no such node.
    """
    node_id = page.evaluate(
        """([type, pos]) => {
            const node = window.LiteGraph.createNode(type);
            if (!node) return null;
            node.pos = pos;
            window.app.graph.add(node);
            return node.id;
        }""",
        [node_type, list(pos)],
    )
    if node_id is None:
        raise LookupError(f"the front end has no node {node_type!r}")
    settle(page)
    return node_id


def widget_values(page: Page, node_id: int) -> dict[str, Any]:
    """A node's widgets in their order, name to value."""
    pairs = page.evaluate(
        """(id) => (window.app.graph.getNodeById(id).widgets ?? [])
            .map((widget) => [widget.name, widget.value])""",
        node_id,
    )
    return dict(pairs)


def set_widget(page: Page, node_id: int, name: str, value: Any) -> None:
    """Sets a widget as a user would: with its callback.

    Raises:
        LookupError: If the node has no such widget.
    """
    found = page.evaluate(
        """([id, name, value]) => {
            const node = window.app.graph.getNodeById(id);
            const widget = (node.widgets ?? []).find((each) => each.name === name);
            if (!widget) return false;
            widget.value = value;
            widget.callback?.(value, window.app.canvas, node);
            return true;
        }""",
        [node_id, name, value],
    )
    if not found:
        raise LookupError(f"node {node_id} has no widget {name!r}")
    settle(page)


def serialized_graph(page: Page) -> dict[str, Any]:
    """The canvas as a workflow in UI format."""
    # As text: Playwright would turn what is undefined into null, which no workflow file has.
    return json.loads(page.evaluate("() => JSON.stringify(window.app.graph.serialize())"))


def prompt(page: Page) -> dict[str, Any]:
    """The canvas as a prompt in API format, as the front end would queue it."""
    return json.loads(
        page.evaluate("async () => JSON.stringify((await window.app.graphToPrompt()).output)")
    )


def set_setting(page: Page, name: str, value: Any) -> None:
    """Sets one of ComfyUI's settings and waits until the server has it."""
    page.evaluate(
        "([name, value]) => window.app.extensionManager.setting.set(name, value)", [name, value]
    )
    settle(page)


def set_vue_nodes(page: Page, enabled: bool) -> None:
    """Switches between classic canvas nodes and Vue nodes ("Nodes 2.0")."""
    set_setting(page, "Comfy.VueNodes.Enabled", enabled)
    if not enabled:
        page.wait_for_function("() => !document.querySelector('[data-node-id]')")
    elif page.evaluate("() => window.app.graph.nodes.length > 0"):
        page.wait_for_selector("[data-node-id]")
    settle(page)


def fit_view(page: Page) -> None:
    """Moves and scales the canvas until every node is in view."""
    page.evaluate("() => window.app.extensionManager.command.execute('Comfy.Canvas.FitView')")
    page.wait_for_timeout(500)  # the front end glides there
    settle(page)


def open_dialogs(page: Page) -> list[str]:
    """The text of each dialog that covers the canvas."""
    return page.locator("[role=dialog]:visible").all_inner_texts()


def toasts(page: Page) -> list[str]:
    """The text of each message in the window's corner, e.g. that a workflow is malformed."""
    return page.locator(".p-toast-message:visible").all_inner_texts()


def screenshot(page: Page, path: Path | str) -> Path:
    """Writes what the window shows to a PNG file.

    Returns:
        The file's path.
    """
    settle(page)
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=target)
    return target
