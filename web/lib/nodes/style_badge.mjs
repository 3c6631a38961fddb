// @ts-check
/** Shows what a node carries over from a still: a badge for the source, the prompt, the style. */
import { addNodeBox, nodeBoxes } from "./node_box.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */

/** The widget's name; it is not saved and no input of the node. */
export const STYLE_WIDGET = "carried_style";

/** Pixels: room for the badge and a few lines before the box scrolls. */
const MIN_HEIGHT = 110;

/** Text key and colour of each badge; the colours are legible on light and dark nodes. */
const BADGES = {
  text: { key: "convert.badge.text", colour: "#3b6fb5" },
  file: { key: "convert.badge.file", colour: "#2e7d4f" },
  graph: { key: "convert.badge.graph", colour: "#7a4fb0" },
  pixels: { key: "convert.badge.pixels", colour: "#9a6a1f" },
  nothing: { key: "nodes.nothing", colour: "#6b6b6b" },
};

/**
 * @typedef {object} Carried
 * @property {keyof typeof BADGES} badge The source of the words.
 * @property {string} source The same, in words.
 * @property {string} prompt The still's prompt.
 * @property {string[]} style Style words.
 * @property {string} report Everything, line by line.
 */

/**
 * The carried style in a node's output.
 *
 * @param {unknown} output The node's UI output: `{wanderlens_style: [{…}]}`.
 * @returns {Carried | null} Null where it has none.
 */
export function carriedStyle(output) {
  const list = /** @type {any} */ (output)?.wanderlens_style;
  const carried = Array.isArray(list) ? list[0] : null;
  if (carried === null || typeof carried !== "object") return null;
  const text = (/** @type {unknown} */ value) => (typeof value === "string" ? value : "");
  const style = Array.isArray(carried.style) ? carried.style : [];
  return {
    badge: Object.hasOwn(BADGES, carried.badge) ? carried.badge : "nothing",
    source: text(carried.source),
    prompt: text(carried.prompt),
    style: style.filter((/** @type {unknown} */ word) => typeof word === "string"),
    report: text(carried.report),
  };
}

/**
 * Fills a box. Texts from files are inserted as text, never as markup.
 *
 * @param {HTMLElement} box Its content is replaced.
 * @param {Carried} carried
 * @param {Host} host
 */
export function showStyleBadge(box, carried, host) {
  const part = (/** @type {string} */ text, /** @type {Record<string, string>} */ style) => {
    const element = host.page.createElement("div");
    element.textContent = text;
    Object.assign(element.style, style);
    return element;
  };
  const { key, colour } = BADGES[carried.badge];
  const badge = part(host.t(key), {
    background: colour,
    borderRadius: "8px",
    color: "#fff",
    display: "inline-block",
    marginBottom: "4px",
    padding: "1px 8px",
  });
  badge.className = "wanderlens-badge";
  const parts = [badge];
  if (carried.prompt) parts.push(part(carried.prompt, {}));
  if (carried.style.length) parts.push(part(carried.style.join(" · "), { opacity: "0.75" }));
  box.replaceChildren(...parts);
  box.title = carried.report;
}

/**
 * Adds a box below a node's widgets that shows what its last run carried over.
 *
 * @param {any} node A node of the graph.
 * @param {Host} host
 */
export function addStyleBadge(node, host) {
  const { page } = host;
  const box = page.createElement("div");
  box.setAttribute("aria-label", host.t("nodes.carried"));
  box.setAttribute("role", "status");
  box.textContent = host.t("nodes.carried_empty");
  Object.assign(box.style, { fontSize: "12px", overflow: "auto" });
  addNodeBox(node, box, {
    name: STYLE_WIDGET, type: "WANDERLENS_STYLE_BOX", minHeight: MIN_HEIGHT,
  });

  const onExecuted = node.onExecuted;
  node.onExecuted = function (/** @type {unknown} */ output) {
    onExecuted?.apply(this, arguments);
    const carried = carriedStyle(output);
    if (carried === null) return;
    for (const each of nodeBoxes(this, box, STYLE_WIDGET, page)) {
      showStyleBadge(each, carried, host);
    }
  };
}
