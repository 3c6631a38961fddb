// @ts-check
/** What carries over from a still, shown on the node: a badge for its source, prompt and style. */
import { addNodeBox, nodeBoxes } from "./node_box.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */

/** The widget's name. It is saved nowhere and is no input of the node. */
export const STYLE_WIDGET = "carried_style";

/** Pixels: room for the badge and a few lines before the box scrolls. */
const MIN_HEIGHT = 110;

/** The colour of each badge, which reads on light and dark nodes, and its text's key. */
const BADGES = {
  text: { key: "convert.badge.text", colour: "#3b6fb5" },
  file: { key: "convert.badge.file", colour: "#2e7d4f" },
  graph: { key: "convert.badge.graph", colour: "#7a4fb0" },
  pixels: { key: "convert.badge.pixels", colour: "#9a6a1f" },
  nothing: { key: "nodes.nothing", colour: "#6b6b6b" },
};

/**
 * @typedef {object} Carried
 * @property {keyof typeof BADGES} badge Where the words came from.
 * @property {string} source The same, in full.
 * @property {string} prompt What the still shows.
 * @property {string[]} style Style words.
 * @property {string} report Everything, line by line.
 */

/**
 * What a run of the node found.
 *
 * @param {unknown} output What ComfyUI sends as the node's output: `{wanderlens_style: [{…}]}`.
 * @returns {Carried | null} Null when the output has none.
 */
export function carriedStyle(output) {
  const list = /** @type {any} */ (output)?.wanderlens_style;
  const found = Array.isArray(list) ? list[0] : null;
  if (found === null || typeof found !== "object") return null;
  const text = (/** @type {unknown} */ value) => (typeof value === "string" ? value : "");
  const style = Array.isArray(found.style) ? found.style : [];
  return {
    badge: Object.hasOwn(BADGES, found.badge) ? found.badge : "nothing",
    source: text(found.source),
    prompt: text(found.prompt),
    style: style.filter((/** @type {unknown} */ word) => typeof word === "string"),
    report: text(found.report),
  };
}

/**
 * Fills a box with what was found. Texts of files go in as text, never as markup.
 *
 * @param {HTMLElement} box The box; what it held goes.
 * @param {Carried} carried What was found.
 * @param {Host} host Whose page it is.
 */
export function showStyle(box, carried, host) {
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
 * Puts a box below a node's widgets that shows what its last run found.
 *
 * @param {any} node A node of the graph.
 * @param {Host} host Whose page it is.
 */
export function addStyle(node, host) {
  const { page } = host;
  const box = page.createElement("div");
  box.setAttribute("aria-label", host.t("nodes.carried"));
  box.setAttribute("role", "status");
  box.textContent = host.t("nodes.carried_empty");
  Object.assign(box.style, { fontSize: "12px", overflow: "auto" });
  addNodeBox(node, box, { name: STYLE_WIDGET, type: "WANDERLENS_STYLE_BOX", minHeight: MIN_HEIGHT });

  const onExecuted = node.onExecuted;
  node.onExecuted = function (/** @type {unknown} */ output) {
    onExecuted?.apply(this, arguments);
    const carried = carriedStyle(output);
    if (carried === null) return;
    for (const each of nodeBoxes(this, box, STYLE_WIDGET, page)) showStyle(each, carried, host);
  };
}
