// @ts-check
/** A box below a node's widgets that displays something; it is never saved. */

/** Pixels that classic nodes leave free around a DOM widget. */
const MARGIN = 10;

/**
 * Adds a box to a node.
 *
 * @param {any} node A node of the graph.
 * @param {HTMLElement} box The element to show.
 * @param {{name: string, type: string, minHeight: number}} widget Its name, its
 *   type and its least height in pixels.
 */
export function addNodeBox(node, box, { name, type, minHeight }) {
  box.classList.add("comfy-multiline-input", classOf(name));
  // Vue nodes give it a row without a size, classic nodes a box to fill.
  Object.assign(box.style, {
    boxSizing: "border-box",
    height: "100%",
    minHeight: `${minHeight}px`,
    width: "100%",
  });
  const widget = node.addDOMWidget(name, type, box, {
    serialize: false, // not a part of the prompt
    getMinHeight: () => minHeight + 2 * MARGIN,
    getValue: () => "",
    setValue: () => {}, // never filled by a saved workflow
  });
  // Nor part of the saved workflow: values are saved by position, and one more would shift them.
  widget.serialize = false;
}

/**
 * The boxes to update. Vue nodes keep the element of an earlier node of the same id on the page
 * when another workflow is loaded, so that the node's own element is not the visible one.
 *
 * @param {any} node A node of the graph.
 * @param {HTMLElement} box The node's own box.
 * @param {string} name The widget's name.
 * @param {Document} page The page that the node is shown in.
 * @returns {Set<HTMLElement>} Its own, and the one in the page.
 */
export function nodeBoxes(node, box, name, page) {
  const id = String(node.id);
  const shown = /** @type {HTMLElement[]} */ ([...page.querySelectorAll(`.${classOf(name)}`)]);
  const here = shown.filter(
    (each) => each.closest("[data-node-id]")?.getAttribute("data-node-id") === id,
  );
  return new Set([box, ...here]);
}

/** @param {string} name A widget's name. */
function classOf(name) {
  return `wanderlens-${name.replaceAll("_", "-")}`;
}
