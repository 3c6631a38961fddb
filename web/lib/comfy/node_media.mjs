// @ts-check
/** Which picture and which clip a node of the canvas shows, and pictures that come from outside. */
import { isLinked } from "./links.mjs";
import { PICTURE, refOf, refOfURL, VIDEO } from "./file_ref.mjs";

/** @typedef {import("./host.mjs").Host} Host */
/** @typedef {import("./file_ref.mjs").Ref} Ref */

/** Widgets of loaders that name a file, whatever pack they are of. */
const PICTURE_WIDGETS = ["image", "image_file"];
const CLIP_WIDGETS = ["file", "video"];

/** The widget that a subgraph's node shows for a picture of a node inside it. */
const INNER_PREVIEW = "$$canvas-image-preview";

/**
 * The picture that a node shows.
 *
 * @param {Host} host
 * @param {any} node A node of the graph or of a subgraph, or what else can be selected.
 * @returns {Ref | null} Null where it shows none that is a file of ComfyUI's.
 */
export function pictureOf(host, node) {
  return shown(host, node, PICTURE, PICTURE_WIDGETS);
}

/**
 * The clip that a node shows.
 *
 * @param {Host} host
 * @param {any} node A node of the graph or of a subgraph, or what else can be selected.
 * @returns {Ref | null}
 */
export function clipOf(host, node) {
  return shown(host, node, VIDEO, CLIP_WIDGETS);
}

/**
 * @param {Host} host
 * @param {any} node
 * @param {RegExp} kind What the file's name is like.
 * @param {string[]} widgets
 * @param {number} [depth] Subgraphs around it.
 * @returns {Ref | null}
 */
function shown(host, node, kind, widgets, depth = 0) {
  if (!node || typeof node !== "object" || node.id === undefined || depth > 8) return null;
  const inner = innerOf(node);
  return named(node, kind, widgets)
    ?? given(host, node, kind)
    ?? drawn(host, node, kind)
    ?? (inner ? shown(host, inner, kind, widgets, depth + 1) : null);
}

/**
 * What a loader's widget names. A widget whose input is linked says nothing.
 *
 * @param {any} node
 * @param {RegExp} kind
 * @param {string[]} widgets
 */
function named(node, kind, widgets) {
  for (const name of widgets) {
    const widget = node.widgets?.find((/** @type {any} */ each) => each.name === name);
    if (typeof widget?.value !== "string") continue;
    const input = (node.inputs ?? []).findIndex(
      (/** @type {any} */ each) => each.widget?.name === name,
    );
    if (input >= 0 && isLinked(node, input)) continue;
    const ref = refOf(widget.value);
    if (kind.test(ref.filename)) return ref;
  }
  return null;
}

/**
 * What the node's last run gave.
 *
 * @param {Host} host
 * @param {any} node
 * @param {RegExp} kind
 */
function given(host, node, kind) {
  const output = host.app.nodeOutputs?.[locatorOf(host, node)] ?? {};
  for (const list of [output.images, node.images, output.video, output.videos, output.gifs]) {
    if (!Array.isArray(list)) continue;
    const files = list.filter((file) => typeof file?.filename === "string");
    const chosen = files[node.imageIndex ?? 0] ?? files[0];
    for (const file of [chosen, ...files]) {
      if (!file || !kind.test(file.filename)) continue;
      const type = ["input", "output", "temp"].includes(file.type) ? file.type : "output";
      return { filename: file.filename, subfolder: file.subfolder ?? "", type };
    }
  }
  return null;
}

/**
 * What is drawn on the node.
 *
 * @param {Host} host
 * @param {any} node
 * @param {RegExp} kind
 */
function drawn(host, node, kind) {
  const list = [...(node.imgs ?? [])];
  const chosen = list[node.imageIndex ?? 0];
  const { origin } = host.page.location;
  for (const image of [chosen, ...list]) {
    const ref = typeof image?.src === "string" ? refOfURL(image.src, origin) : null;
    if (ref && kind.test(ref.filename)) return ref;
  }
  return null;
}

/**
 * How ComfyUI's page names a node among the nodes of all graphs.
 *
 * @param {Host} host
 * @param {any} node
 */
function locatorOf(host, node) {
  const { graph } = node;
  const root = host.app.rootGraph ?? graph?.rootGraph ?? host.app.graph;
  return !graph || graph === root || graph.isRootGraph ? String(node.id) : `${graph.id}:${node.id}`;
}

/**
 * The node inside whose picture a subgraph's node shows.
 *
 * @param {any} node
 */
function innerOf(node) {
  const list = node.properties?.proxyWidgets;
  if (!node.subgraph || !Array.isArray(list)) return null;
  const [id] = list.find((/** @type {any} */ each) => each?.[1] === INNER_PREVIEW) ?? [];
  return id === undefined ? null : node.subgraph.getNodeById(id) ?? null;
}

/**
 * The picture among what was dropped or pasted.
 *
 * @param {DataTransfer | null} data
 * @param {string} origin The page's own: what another ComfyUI shows is no file of this one.
 * @returns {File | Ref | null} A file from outside, or one of ComfyUI's that was dragged here.
 */
export function pictureIn(data, origin) {
  if (!data) return null;
  const file = [...data.files].find(({ type, name }) =>
    type.startsWith("image/") || PICTURE.test(name));
  if (file) return file;
  for (const line of data.getData("text/uri-list").split(/\r?\n/)) {
    const ref = refOfURL(line.trim(), origin);
    if (ref && PICTURE.test(ref.filename)) return ref;
  }
  return null;
}

/**
 * Lays a picture into ComfyUI's input folder.
 *
 * @param {Host} host
 * @param {File} file
 * @returns {Promise<Ref>}
 * @throws {Error} If it is no picture, or the server refused.
 */
export async function uploadPicture(host, file) {
  if (!file.type.startsWith("image/") && !PICTURE.test(file.name)) {
    throw new Error(host.t("convert.not_a_picture", { name: file.name }));
  }
  const ending = `.${file.type.slice("image/".length) || "png"}`;
  return host.upload(file, PICTURE.test(file.name) ? file.name : `picture${ending}`);
}

/**
 * A file that loaders show and that stays: ComfyUI's page shows nothing on a loader whose file is
 * in another folder than input, and ComfyUI empties the one of previews whenever it starts.
 *
 * @param {Host} host
 * @param {Ref} file A picture or a clip.
 * @returns {Promise<Ref>} The same, or its copy in the input folder.
 */
export async function inputCopy(host, file) {
  if (file.type === "input") return file;
  const { filename, subfolder, type } = file;
  const query = new URLSearchParams({ filename, subfolder, type });
  const answer = await host.request(`/view?${query}`);
  return host.upload(await answer.blob(), filename);
}
