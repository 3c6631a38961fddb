// @ts-check
/** The picture or clip that a node shows, and pictures from outside the canvas. */
import { isLinked } from "./links.mjs";
import { PICTURE, refOf, refOfURL, VIDEO } from "./file_ref.mjs";

/** @typedef {import("./host.mjs").Host} Host */
/** @typedef {import("./file_ref.mjs").Ref} Ref */

/** Names of widgets that hold a file, in loaders of any pack. */
const PICTURE_WIDGETS = ["image", "image_file"];
const CLIP_WIDGETS = ["file", "video"];

/** The widget of a subgraph node that shows the picture of a node inside it. */
const INNER_PREVIEW = "$$canvas-image-preview";

/**
 * The picture that a node shows.
 *
 * @param {Host} host
 * @param {any} node A node of the graph or of a subgraph, or anything else that can be selected.
 * @returns {Ref | null} Null where it shows no file of ComfyUI's.
 */
export function pictureOf(host, node) {
  return shown(host, node, PICTURE, PICTURE_WIDGETS);
}

/**
 * The clip that a node shows.
 *
 * @param {Host} host
 * @param {any} node A node of the graph or of a subgraph, or anything else that can be selected.
 * @returns {Ref | null}
 */
export function clipOf(host, node) {
  return shown(host, node, VIDEO, CLIP_WIDGETS);
}

/**
 * @param {Host} host
 * @param {any} node
 * @param {RegExp} kind Matches the file's name.
 * @param {string[]} widgets
 * @param {number} [depth] Subgraphs around it.
 * @returns {Ref | null}
 */
function shown(host, node, kind, widgets, depth = 0) {
  if (!node || typeof node !== "object" || node.id === undefined || depth > 8) return null;
  const inner = innerOf(node);
  return named(node, kind, widgets)
    ?? outputOf(host, node, kind)
    ?? drawn(host, node, kind)
    ?? (inner ? shown(host, inner, kind, widgets, depth + 1) : null);
}

/**
 * The file that a loader's widget names, unless the widget's input is linked.
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
 * The file in the output of the node's last run.
 *
 * @param {Host} host
 * @param {any} node
 * @param {RegExp} kind
 */
function outputOf(host, node, kind) {
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
 * The file of the image that is drawn on the node.
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
 * A node's key in `app.nodeOutputs`, which covers all graphs.
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
 * The inner node whose picture a subgraph node shows.
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
 * The picture in a drop or a paste.
 *
 * @param {DataTransfer | null} data
 * @param {string} origin The page's own: files of another ComfyUI do not count.
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
 * Uploads a picture to ComfyUI's input folder.
 *
 * @param {Host} host
 * @param {File} file
 * @returns {Promise<Ref>}
 * @throws {Error} If it is no image, or the server refused.
 */
export async function uploadPicture(host, file) {
  if (!file.type.startsWith("image/") && !PICTURE.test(file.name)) {
    throw new Error(host.t("convert.not_a_picture", { name: file.name }));
  }
  const ending = `.${file.type.slice("image/".length) || "png"}`;
  return host.upload(file, PICTURE.test(file.name) ? file.name : `picture${ending}`);
}

/**
 * The file in the input folder, copied there if need be: ComfyUI's page shows nothing on a loader
 * whose file is in another folder, and ComfyUI empties the temp folder whenever it starts.
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
