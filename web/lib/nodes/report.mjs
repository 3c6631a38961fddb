// @ts-check
/** The report of a run, shown on the node itself. */
import { addNodeBox, nodeBoxes } from "./node_box.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */

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
 * @param {Host} host Whose page it is.
 */
export function addReport(node, host) {
  const { page } = host;
  const box = page.createElement("textarea");
  box.readOnly = true;
  box.placeholder = host.t("nodes.report_empty");
  box.setAttribute("aria-label", host.t("composed.report"));
  box.style.resize = "none";
  addNodeBox(node, box, { name: REPORT_WIDGET, type: "WANDERLENS_REPORT", minHeight: MIN_HEIGHT });

  const onExecuted = node.onExecuted;
  node.onExecuted = function (/** @type {unknown} */ output) {
    onExecuted?.apply(this, arguments);
    const text = reportText(output);
    if (text === null) return;
    for (const each of nodeBoxes(this, box, REPORT_WIDGET, page)) {
      /** @type {HTMLTextAreaElement} */ (each).value = text;
    }
  };
}
