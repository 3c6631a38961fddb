// @ts-check
/** The report of a run, shown on the node itself. */

/** The widget's name. It is saved nowhere and is no input of the node. */
export const REPORT_WIDGET = "report_text";

/** Pixels: room for a few lines before the box scrolls. */
const MIN_HEIGHT = 100;

/**
 * The text that a node showed in a run.
 *
 * @param {unknown} output What ComfyUI sends as the node's output: `{text: ["…"]}`.
 * @returns {string | null} The text; null when the output has none.
 */
export function reportText(output) {
  const text = /** @type {{text?: unknown} | null | undefined} */ (output)?.text;
  if (typeof text === "string") return text;
  if (!Array.isArray(text)) return null;
  return text.filter((part) => typeof part === "string").join("\n");
}

/**
 * Puts a box below a node's widgets that shows the report of its last run.
 *
 * @param {any} node A node of the graph.
 * @param {Document} page The page to make the box in.
 */
export function addReport(node, page) {
  const box = page.createElement("textarea");
  box.className = "comfy-multiline-input";
  box.readOnly = true;
  box.placeholder = "The report of a run appears here.";
  box.setAttribute("aria-label", "Report");
  // Vue nodes give it a row without a size; classic nodes a box to fill.
  Object.assign(box.style, {
    boxSizing: "border-box",
    width: "100%",
    height: "100%",
    minHeight: `${MIN_HEIGHT}px`,
    resize: "none",
  });
  const widget = node.addDOMWidget(REPORT_WIDGET, "WANDERLENS_REPORT", box, {
    serialize: false, // not a part of the prompt
    getMinHeight: () => MIN_HEIGHT,
    getValue: () => box.value,
    setValue: () => {}, // the box is filled by runs only, never by a saved workflow
  });
  // Nor of the saved workflow: widgets are saved by position, and another entry would shift them.
  widget.serialize = false;

  const onExecuted = node.onExecuted;
  node.onExecuted = function (/** @type {unknown} */ output) {
    onExecuted?.apply(this, arguments);
    const text = reportText(output);
    if (text !== null) box.value = text;
  };
}
