// @ts-check
/** A modal dialog of two columns whose events do not reach the page below it. */
import { element, freshId } from "./dom.mjs";

/** Events that the page below would handle too: shortcuts, its clipboard, its menu. */
const CONTAINED = ["keyup", "keypress", "copy", "cut", "wheel", "contextmenu"];

/**
 * @typedef {object} Handlers
 * @property {() => void} onClose
 * @property {() => void} onSubmit Called on Ctrl+Enter.
 * @property {(data: DataTransfer | null) => boolean} onData Called with what is dropped or pasted;
 *   returns whether it was accepted.
 */

/**
 * @param {Document} page
 * @param {{title: string, close: string, head: Node, left: Node[], right: Node[], foot: Node[]}
 *   } parts `close` is the label of the button that closes it.
 * @param {Handlers} handlers
 * @returns {HTMLDialogElement} Not in the document yet.
 */
export function dialogShell(page, { title, close, head, left, right, foot }, handlers) {
  const make = element.bind(null, page);
  const titleId = freshId("convert-title");
  const dialog = make(
    // Focusable itself, so that a click beside the fields keeps the focus in it.
    "dialog.wl.wl-convert", { "aria-labelledby": titleId, tabindex: "-1" },
    make(
      "header.wl-convert-head", {},
      make("h2", { id: titleId }, title),
      head,
      make("button.wl-button.wl-button--icon.wl-close", {
        type: "button", "aria-label": close, title: close, onclick: handlers.onClose,
      }, make("i.pi.pi-times", { "aria-hidden": "true" })),
    ),
    make(
      "div.wl-convert-body", {},
      make("div.wl-convert-left", {}, left), make("div.wl-convert-right", {}, right),
    ),
    make("footer.wl-convert-foot", {}, foot),
  );
  listen(dialog, handlers);
  return dialog;
}

/**
 * @param {HTMLDialogElement} dialog
 * @param {Handlers} handlers
 */
function listen(dialog, { onClose, onSubmit, onData }) {
  for (const name of CONTAINED) dialog.addEventListener(name, (event) => event.stopPropagation());
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    event.stopPropagation();
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    onSubmit();
  };
  dialog.addEventListener("keydown", onKey);
  // Past the last field the focus is on the page, whose shortcuts must not work then either.
  const view = dialog.ownerDocument.defaultView;
  const onPageKey = (/** @type {KeyboardEvent} */ event) => {
    if (dialog.isConnected && !dialog.contains(/** @type {Node} */ (event.target))) onKey(event);
  };
  view?.addEventListener("keydown", onPageKey, true);
  dialog.addEventListener("paste", (event) => {
    event.stopPropagation();
    if (onData(event.clipboardData)) event.preventDefault();
  });
  dialog.addEventListener("dragover", (event) => {
    event.stopPropagation();
    event.preventDefault();
    dialog.classList.add("wl-dropping");
  });
  dialog.addEventListener("dragleave", () => dialog.classList.remove("wl-dropping"));
  dialog.addEventListener("drop", (event) => {
    event.stopPropagation();
    const inText = event.target instanceof Element && event.target.matches("textarea, input");
    dialog.classList.remove("wl-dropping");
    // The browser would navigate to a file that is dropped beside a text.
    if (onData(event.dataTransfer) || !inText) event.preventDefault();
  });
  dialog.addEventListener("close", () => { // browsers may close it by themselves
    view?.removeEventListener("keydown", onPageKey, true);
    onClose();
  });
  dialog.addEventListener("cancel", (event) => {
    if (event.target !== dialog) return; // a file chooser's event bubbles
    event.preventDefault();
    onClose();
  });
}
