// @ts-check
/** The bundled workflows, and changes to them that keep their two forms the same. */
import { uuid } from "../comfy/uuid.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */

/**
 * @typedef {object} Template A workflow in both forms; the ids of its nodes are the same.
 * @property {Record<string, {class_type: string, inputs: Record<string, any>, _meta?: any}>} prompt
 *   What is queued: the API form.
 * @property {any} workflow What is opened and what the files keep: the UI form.
 */

/** @typedef {{type: string, title?: string}} Which A node of a template: its class, its title. */

/** Widgets that ComfyUI's page puts another one behind: what happens to the seed after a run. */
const SEEDS = new Set(["seed", "noise_seed"]);

/** What ComfyUI's page puts behind the name of a file that can be chosen from the disk. */
const UPLOADS = new Map([["LoadImage", "image"], ["LoadVideo", "image"]]);

/** @type {WeakMap<Host, Map<string, Promise<Template>>>} */
const loaded = new WeakMap();

/**
 * Loads a bundled workflow.
 *
 * @param {Host} host
 * @param {string} name Its title, such as "Image to video A14B".
 * @returns {Promise<Template>} A copy of its own for each caller.
 */
export async function loadTemplate(host, name) {
  const known = loaded.get(host) ?? new Map();
  loaded.set(host, known);
  if (!known.has(name)) {
    const loading = readTemplate(host, name);
    known.set(name, loading);
    loading.catch(() => known.delete(name)); // the next one asks again
  }
  const template = structuredClone(await known.get(name));
  template.workflow.id = uuid();
  return template;
}

/**
 * @param {Host} host
 * @param {string} name
 * @returns {Promise<Template>}
 */
async function readTemplate(host, name) {
  const folder = `/workflow_templates/${encodeURIComponent(host.pack)}`;
  const file = `${encodeURIComponent(name)}.json`;
  const read = async (/** @type {string} */ path) => (await host.request(path)).json();
  const [workflow, prompt] = await Promise.all([
    read(`${folder}/${file}`),
    read(`${folder}/api/${file}`),
  ]);
  return { workflow, prompt };
}

/**
 * The one node of a kind.
 *
 * @param {Template} template
 * @param {Which} which
 * @returns {any} The node, in the UI form.
 * @throws {Error} If there is none or several.
 */
export function nodeOf(template, { type, title }) {
  const found = nodesOf(template, type).filter((node) => !title || node.title === title);
  if (found.length !== 1) {
    throw new Error(`a workflow must have one ${title ?? type}; it has ${found.length}`);
  }
  return found[0];
}

/**
 * @param {Template} template
 * @param {string} type A class.
 * @returns {any[]} Its nodes, in the UI form.
 */
export function nodesOf(template, type) {
  return template.workflow.nodes.filter((/** @type {any} */ node) => node.type === type);
}

/**
 * Sets values in both forms. A value in the place of a link ends the link.
 *
 * @param {Template} template It is changed.
 * @param {{node: Which | any, input: string, value: any}[]} changes Which node, which widget, and
 *   what it shall hold.
 * @returns {Template} The same.
 * @throws {Error} If there is no such widget.
 */
export function fill(template, changes) {
  for (const { node: which, input, value } of changes) {
    const node = which.id === undefined ? nodeOf(template, which) : which;
    const slot = slotOf(node, input);
    const index = widgetIndex(node, input);
    if (!slot || index === null) throw new Error(`${node.type} has no widget ${input}`);
    if (slot.link !== null && slot.link !== undefined) cut(template, slot.link);
    node.widgets_values[index] = value;
    template.prompt[node.id].inputs[input] = value;
  }
  return template;
}

/**
 * Where the value of a widget stands.
 *
 * @param {any} node A node of the UI form.
 * @param {string} input The widget's name.
 * @returns {number | null} Its index in `widgets_values`; null for no such widget.
 */
export function widgetIndex(node, input) {
  let index = 0;
  for (const slot of node.inputs) {
    if (!slot.widget) continue;
    if (slot.name === input) return index;
    index += SEEDS.has(slot.name) ? 2 : 1;
  }
  return null;
}

/**
 * @param {any} node
 * @param {string} input
 */
function slotOf(node, input) {
  return node.inputs.find((/** @type {any} */ slot) => slot.name === input);
}

/**
 * Adds a node of another template, without its links.
 *
 * @param {Template} template It is changed.
 * @param {Template} from Where the node is.
 * @param {Which} which Which one.
 * @param {{pos: [number, number], title?: string}} place Where it goes, and its title there.
 * @returns {any} The new node, in the UI form.
 */
export function addNode(template, from, which, { pos, title }) {
  const { workflow, prompt } = template;
  const source = nodeOf(from, which);
  const node = structuredClone(source);
  node.id = workflow.last_node_id += 1;
  node.order = workflow.nodes.length;
  node.pos = [...pos];
  if (title) node.title = title;
  for (const slot of node.inputs) slot.link = null;
  for (const slot of node.outputs) slot.links = null;
  const copied = structuredClone(from.prompt[source.id]);
  for (const slot of node.inputs) {
    const index = slot.widget ? widgetIndex(node, slot.name) : null;
    if (index === null) delete copied.inputs[slot.name];
    else copied.inputs[slot.name] = node.widgets_values[index];
  }
  if (title) copied._meta = { ...copied._meta, title };
  workflow.nodes.push(node);
  prompt[node.id] = copied;
  return node;
}

/**
 * Adds a link; one that the input had before ends.
 *
 * @param {Template} template It is changed.
 * @param {any} from A node of the UI form.
 * @param {string} output The name of its output.
 * @param {any} to A node of the UI form.
 * @param {string} input The name of its input.
 */
export function link(template, from, output, to, input) {
  const { workflow, prompt } = template;
  const fromSlot = from.outputs.findIndex((/** @type {any} */ slot) => slot.name === output);
  const toSlot = to.inputs.findIndex((/** @type {any} */ slot) => slot.name === input);
  if (fromSlot < 0 || toSlot < 0) {
    throw new Error(`no link from ${from.type}.${output} to ${to.type}.${input}`);
  }
  const slot = to.inputs[toSlot];
  if (slot.link !== null && slot.link !== undefined) cut(template, slot.link);
  const id = (workflow.last_link_id += 1);
  workflow.links.push([id, from.id, fromSlot, to.id, toSlot, from.outputs[fromSlot].type]);
  from.outputs[fromSlot].links = [...(from.outputs[fromSlot].links ?? []), id];
  slot.link = id;
  prompt[to.id].inputs[input] = [String(from.id), fromSlot];
}

/**
 * Ends a link. A widget has its own value again.
 *
 * @param {Template} template It is changed.
 * @param {number} id The link's.
 */
export function cut(template, id) {
  const { workflow, prompt } = template;
  const at = workflow.links.findIndex((/** @type {any} */ each) => each[0] === id);
  const [[, fromId, fromSlot, toId, toSlot]] = workflow.links.splice(at, 1);
  const byId = (/** @type {number} */ node) =>
    workflow.nodes.find((/** @type {any} */ each) => each.id === node);
  const output = byId(fromId).outputs[fromSlot];
  const left = output.links.filter((/** @type {number} */ each) => each !== id);
  output.links = left.length ? left : null;
  const to = byId(toId);
  const slot = to.inputs[toSlot];
  slot.link = null;
  const index = slot.widget ? widgetIndex(to, slot.name) : null;
  if (index === null) delete prompt[toId].inputs[slot.name];
  else prompt[toId].inputs[slot.name] = to.widgets_values[index];
}

/**
 * Takes a node out, with its links.
 *
 * @param {Template} template It is changed.
 * @param {any} node A node of the UI form.
 */
export function removeNode(template, node) {
  const { workflow, prompt } = template;
  const links = workflow.links.filter((/** @type {any} */ each) =>
    each[1] === node.id || each[3] === node.id);
  for (const [id] of links) cut(template, id);
  workflow.nodes = workflow.nodes.filter((/** @type {any} */ each) => each !== node);
  delete prompt[node.id];
}

/**
 * Names a loader's file, with what ComfyUI's page puts behind it.
 *
 * @param {Template} template It is changed.
 * @param {any} node A LoadImage or LoadVideo of the UI form.
 * @param {string} name The file, as `annotated` names it.
 */
export function fillFile(template, node, name) {
  const input = node.type === "LoadImage" ? "image" : "file";
  fill(template, [{ node, input, value: name }]);
  node.widgets_values = [name, UPLOADS.get(node.type)];
}

/**
 * Makes room in the layout: everything right of a line goes further right, groups too.
 *
 * @param {Template} template It is changed.
 * @param {number} from The line's x.
 * @param {number} by Pixels.
 */
export function shift(template, from, by) {
  const { nodes, groups } = template.workflow;
  for (const node of nodes) if (node.pos[0] >= from) node.pos[0] += by;
  for (const group of groups) if (group.bounding[0] >= from) group.bounding[0] += by;
}

/**
 * Adds a group of nodes to the layout.
 *
 * @param {Template} template It is changed.
 * @param {string} title
 * @param {any[]} nodes What it holds, in the UI form.
 * @param {string} color
 */
export function addGroup(template, title, nodes, color) {
  const left = Math.min(...nodes.map(({ pos }) => pos[0])) - 14;
  const top = Math.min(...nodes.map(({ pos }) => pos[1])) - 74;
  const right = Math.max(...nodes.map(({ pos, size }) => pos[0] + size[0])) + 14;
  const bottom = Math.max(...nodes.map(({ pos, size }) => pos[1] + size[1])) + 14;
  const { groups } = template.workflow;
  const bounding = [left, top, right - left, bottom - top];
  groups.push({ id: groups.length + 1, title, bounding, color, font_size: 24, flags: {} });
}
