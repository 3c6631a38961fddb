// @ts-check
/** Shows the report of a node's last run on the node. */
import { addNodeBox, nodeBoxes } from "./node_box.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */

/** The widget's name; it is not saved and no input of the node. */
export const REPORT_WIDGET = "report_text";

/** Pixels: room for a few lines before the box scrolls. */
const MIN_HEIGHT = 100;

/**
 * The report in a node's output.
 *
 * @param {unknown} output The node's UI output: `{text: ["…"]}`.
 * @returns {string | null} Null where it has none.
 */
export function reportText(output) {
  const text = /** @type {{text?: unknown} | null | undefined} */ (output)?.text;
  if (typeof text === "string") return text;
  if (!Array.isArray(text)) return null;
  return text.filter((part) => typeof part === "string").join("\n");
}

/**
 * Adds a box below a node's widgets that shows the report of its last run.
 *
 * @param {any} node A node of the graph.
 * @param {Host} host
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
