// @ts-check
/**
 * What a node's inputs are linked to, before anything is run: across reroutes, bypassed nodes and
 * the borders of subgraphs, as the front end resolves them when it makes a prompt.
 */
import { isLinked, linkInto, neighbours } from "./links.mjs";

/** The `origin_id` of links from a subgraph's inputs. */
const SUBGRAPH_INPUTS = -10;

/** Node modes that leave a node out of prompts. */
const MUTED = 2;
const BYPASSED = 4;

/** Nodes whose output is the value of their only widget. */
const PRIMITIVES = new Set([
  "PrimitiveBoolean",
  "PrimitiveFloat",
  "PrimitiveInt",
  "PrimitiveNode",
  "PrimitiveString",
  "PrimitiveStringMultiline",
]);

/** A longer chain of links is a cycle. */
const MOST_STEPS = 100;

/**
 * @typedef {{kind: "none"}
 *   | {kind: "value", value: any}
 *   | {kind: "node", node: any, slot: number, within: any[]}
 *   | {kind: "unknown"}} Source What an input is linked to: nothing; a widget of a subgraph node;
 *   an output, with the subgraph nodes that contain it; something known only in a run.
 */

/**
 * @param {any} node A node of the graph.
 * @param {string} name One of its inputs.
 * @param {any[]} [within] The subgraph nodes that contain it, outermost first, as far as known.
 * @returns {Source}
 */
export function sourceOf(node, name, within = []) {
  const index = node.inputs?.findIndex((/** @type {any} */ input) => input.name === name) ?? -1;
  return index < 0 ? { kind: "none" } : followLink(node, index, within, 0);
}

/**
 * @param {any} node A node of the graph.
 * @param {string} name One of its widgets.
 * @param {any[]} [within] The subgraph nodes that contain it.
 * @returns {{known: true, value: any} | {known: false, source: Source}} Its value; where it is
 *   linked, that of the link's source if it is known before a run.
 */
export function widgetValue(node, name, within = []) {
  const source = sourceOf(node, name, within);
  if (source.kind === "value") return { known: true, value: source.value };
  if (source.kind === "node" && PRIMITIVES.has(source.node.type)) {
    const [widget] = source.node.widgets ?? [];
    if (widget) return widgetValue(source.node, widget.name, source.within);
  }
  if (source.kind !== "none") return { known: false, source };
  const widget = node.widgets?.find((/** @type {any} */ each) => each.name === name);
  return { known: true, value: widget?.value };
}

/**
 * The file that an image input comes from.
 *
 * @param {any} node A node of the graph.
 * @param {string} name An IMAGE input.
 * @param {any[]} [within] The subgraph nodes that contain it.
 * @returns {string | null} The file's name in a loader's form; null where no loader is behind it.
 */
export function pictureFile(node, name, within = []) {
  let source = sourceOf(node, name, within);
  for (let step = 0; step < MOST_STEPS && source.kind === "node"; step += 1) {
    const { node: maker } = source;
    if (isLoader(maker)) {
      const file = widgetValue(maker, "image", source.within);
      return file.known && typeof file.value === "string" && file.value ? file.value : null;
    }
    // A node that only resizes or crops has one image linked and nothing else.
    const linked = (maker.inputs ?? []).filter(
      (/** @type {any} */ _, /** @type {number} */ index) => isLinked(maker, index),
    );
    if (linked.length !== 1 || linked[0].type !== "IMAGE") return null;
    source = sourceOf(maker, linked[0].name, source.within);
  }
  return null;
}

/** @param {any} node */
function isLoader(node) {
  return node.type === "LoadImage" || node.type === "LoadImageOutput";
}

/**
 * The still that a node most likely belongs to: that of the loader the fewest links away, in either
 * direction; where none is linked, of the nearest one on the canvas.
 *
 * @param {any} node A node of the graph.
 * @returns {string | null} The file's name in a loader's form; null where the graph has none.
 */
export function pictureNear(node) {
  const { graph } = node;
  if (!graph) return null;
  const seen = new Set([node]);
  for (const each of seen) {
    const file = loadedFile(each);
    if (file) return file;
    for (const other of neighbours(each)) seen.add(other);
  }
  const distance = (/** @type {any} */ other) =>
    Math.hypot(other.pos[0] - node.pos[0], other.pos[1] - node.pos[1]);
  const loaders = (graph.nodes ?? []).filter(loadedFile);
  loaders.sort((/** @type {any} */ a, /** @type {any} */ b) => distance(a) - distance(b));
  return loaders.length ? loadedFile(loaders[0]) : null;
}

/** @param {any} node */
function loadedFile(node) {
  if (!isLoader(node)) return null;
  const file = node.widgets?.find((/** @type {any} */ each) => each.name === "image")?.value;
  return typeof file === "string" && file ? file : null;
}

/**
 * @param {any} node
 * @param {number} index
 * @param {any[]} within
 * @param {number} step
 * @returns {Source}
 */
function followLink(node, index, within, step) {
  if (step > MOST_STEPS) return { kind: "unknown" };
  const link = linkInto(node, index);
  if (!link) return { kind: "none" };
  if (link.origin_id === SUBGRAPH_INPUTS) {
    return outside(node.graph, link.origin_slot, within, step + 1);
  }
  const origin = node.graph.getNodeById(link.origin_id);
  return origin ? outputOf(origin, link.origin_slot, within, step + 1) : { kind: "none" };
}

/**
 * Follows a subgraph's input to what is linked to it from outside.
 *
 * @param {any} graph
 * @param {number} slot
 * @param {any[]} within
 * @param {number} step
 * @returns {Source}
 */
function outside(graph, slot, within, step) {
  const around = within.length ? [within[within.length - 1]] : nodesOf(graph);
  // Where a subgraph is used twice, it is unknown which use is meant.
  if (around.length !== 1) return { kind: "unknown" };
  const [parent] = around;
  const source = followLink(parent, slot, within.slice(0, -1), step);
  if (source.kind !== "none") return source;
  const input = parent.inputs?.[slot];
  const name = input?.widget?.name;
  const widget = input?._widget ?? parent.widgets?.find((/** @type {any} */ each) =>
    name !== undefined && each.name === name);
  return widget ? { kind: "value", value: widget.value } : { kind: "none" };
}

/**
 * @param {any} node
 * @param {number} slot
 * @param {any[]} within
 * @param {number} step
 * @returns {Source}
 */
function outputOf(node, slot, within, step) {
  if (step > MOST_STEPS) return { kind: "unknown" };
  if (node.mode === MUTED) return { kind: "none" };
  if (node.mode === BYPASSED) {
    const through = passedThrough(node, slot);
    return through < 0 ? { kind: "none" } : followLink(node, through, within, step + 1);
  }
  if (node.type === "Reroute") return followLink(node, 0, within, step + 1);
  if (node.isSubgraphNode?.()) return inside(node, slot, within, step + 1);
  return { kind: "node", node, slot, within };
}

/**
 * Follows a subgraph node's output to the inner node that makes it.
 *
 * @param {any} node
 * @param {number} slot
 * @param {any[]} within
 * @param {number} step
 * @returns {Source}
 */
function inside(node, slot, within, step) {
  const resolved = node.resolveSubgraphOutputLink?.(slot);
  if (!resolved) return { kind: "none" };
  const { outputNode, link, subgraphInput } = resolved;
  if (outputNode) return outputOf(outputNode, link.origin_slot, [...within, node], step);
  const through = subgraphInput ? node.subgraph.inputs.indexOf(subgraphInput) : -1;
  return through < 0 ? { kind: "none" } : followLink(node, through, within, step);
}

/**
 * @param {any} node A bypassed node.
 * @param {number} slot One of its outputs.
 * @returns {number} The input that it is bypassed to: the one across, else the first of its type.
 */
function passedThrough(node, slot) {
  const type = node.outputs?.[slot]?.type;
  const inputs = node.inputs ?? [];
  if (inputs[slot]?.type === type) return slot;
  return inputs.findIndex((/** @type {any} */ input) => input.type === type);
}

/**
 * @param {any} graph A subgraph.
 * @returns {any[]} The subgraph nodes that use it.
 */
function nodesOf(graph) {
  const root = graph.rootGraph;
  const graphs = root ? [root, ...(root.subgraphs?.values() ?? [])] : [];
  return graphs.flatMap((each) => each.nodes ?? [])
    .filter((node) => node.subgraph !== undefined && node.subgraph === graph);
}
