"""What a user does on our page, for the tests of this folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from loading import load

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

driver = load("browser/driver.py")

CONVERT = "Wanderlens.Convert"
TAB = "Workspace.ToggleSidebarTab.wanderlens"


def close_dialogs(page: Page) -> None:
    """Closes what covers the canvas."""
    dialogs = page.locator("[role=dialog]:visible, dialog[open]")
    page.wait_for_timeout(300)
    while dialogs.count():
        page.keyboard.press("Escape")
        page.wait_for_timeout(300)


def plain_ids(prompt: dict[str, Any]) -> dict[str, Any]:
    """A queued prompt with the ids of its workflow: the page queues it under ids of its own."""
    return json.loads(json.dumps(prompt).replace('"wanderlens.', '"'))


def run_command(page: Page, command: str) -> None:
    """Runs one of the front end's commands."""
    page.evaluate("(id) => window.app.extensionManager.command.execute(id)", command)


def add_picture(page: Page, name: str = "example.png") -> int:
    """Puts a Load Image node with a picture on the canvas, and selects it."""
    node = driver.add_node(page, "LoadImage", (300, 200))
    driver.set_widget(page, node, "image", name)
    page.wait_for_function("(id) => window.app.graph.getNodeById(id).imgs?.length", arg=node)
    page.evaluate("(id) => window.app.canvas.selectNode(window.app.graph.getNodeById(id))", node)
    driver.settle(page)
    return node


def open_form(page: Page) -> Locator:
    """Opens "Convert to Video" on the picture that is selected."""
    run_command(page, CONVERT)
    return form(page, "Convert to Video")


def form(page: Page, title: str) -> Locator:
    """The form that is open."""
    dialog = page.get_by_role("dialog", name=title)
    dialog.wait_for()
    return dialog


def create(dialog: Locator) -> None:
    """Presses the form's button, and waits until it has closed."""
    dialog.get_by_role("button", name="Create Video").click()
    dialog.wait_for(state="detached")


def open_activity(page: Page) -> None:
    """Opens our tab in the sidebar, on what is being made."""
    if not page.locator(".wl-sidebar").count():
        run_command(page, TAB)
    page.get_by_role("tab", name="Activity").click()


def open_clips(page: Page) -> None:
    """Opens our tab in the sidebar, on what has been made."""
    if not page.locator(".wl-sidebar").count():
        run_command(page, TAB)
    page.get_by_role("tab", name="Clips", exact=True).click()


def row(page: Page, state: str) -> Locator:
    """The rows of jobs that are in a state."""
    return page.locator(f"li.wl-job[data-state={state}]")
