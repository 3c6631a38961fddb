// @ts-check
/** The window that the form stands in: above ComfyUI's page, and none of its canvas' business. */
import { element, freshId } from "./dom.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */

/** What the canvas would take for its own: shortcuts, its clipboard, its menu. */
const KEPT_HERE = ["keyup", "keypress", "copy", "cut", "wheel", "contextmenu"];

/**
 * @param {Host} host
 * @param {{title: string, head: Node, left: Node[], right: Node[], foot: Node[],
 *   onClose: () => void, onSubmit: () => void, onData: (data: DataTransfer | null) => boolean}
 *   } parts `onSubmit` is told of Ctrl+Enter, `onData` of what is dropped or pasted; it says
 *   whether it took it.
 * @returns {HTMLDialogElement} Not on the page yet.
 */
export function frame(host, { title, head, left, right, foot, onClose, onSubmit, onData }) {
  const make = element.bind(null, host.page);
  const titleId = freshId("convert-title");
  const close = host.t("convert.close");
  const dialog = make(
    // With a place in the focus order of its own, a click beside the fields stays in it.
    "dialog.wl.wl-convert", { "aria-labelledby": titleId, tabindex: "-1" },
    make(
      "header.wl-convert-head", {},
      make("h2", { id: titleId }, title),
      head,
      make("button.wl-button.wl-button--icon.wl-close", {
        type: "button", "aria-label": close, title: close, onclick: onClose,
      }, make("i.pi.pi-times", { "aria-hidden": "true" })),
    ),
    make(
      "div.wl-convert-body", {},
      make("div.wl-convert-left", {}, left), make("div.wl-convert-right", {}, right),
    ),
    make("footer.wl-convert-foot", {}, foot),
  );
  listen(dialog, { onClose, onSubmit, onData });
  return dialog;
}

/**
 * @param {HTMLDialogElement} dialog
 * @param {{onClose: () => void, onSubmit: () => void,
 *   onData: (data: DataTransfer | null) => boolean}} handlers
 */
function listen(dialog, { onClose, onSubmit, onData }) {
  for (const name of KEPT_HERE) dialog.addEventListener(name, (event) => event.stopPropagation());
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    event.stopPropagation();
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    onSubmit();
  };
  dialog.addEventListener("keydown", onKey);
  // Behind the last field the focus is on the page, whose shortcuts must not work then either.
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
    // A file that is dropped beside a text would open in the page's place.
    if (onData(event.dataTransfer) || !inText) event.preventDefault();
  });
  dialog.addEventListener("close", () => { // browsers may close it unasked
    view?.removeEventListener("keydown", onPageKey, true);
    onClose();
  });
  dialog.addEventListener("cancel", (event) => {
    if (event.target !== dialog) return; // a file chooser's own
    event.preventDefault();
    onClose();
  });
}
