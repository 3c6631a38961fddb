// @ts-check
/** The preset gallery on a PresetSelector node, in sync with the node's menu. */
import { addNodeBox, nodeBoxes } from "./node_box.mjs";
import { element } from "../ui/dom.mjs";
import { refOf } from "../comfy/file_ref.mjs";
import { presetGallery } from "../presets/gallery.mjs";
import { pictureNear, widgetValue } from "../comfy/upstream.mjs";
import { whileInGraph, watch, Watcher } from "../comfy/node_watcher.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("../presets/store.mjs").PresetStore} PresetStore */

/** The widget's name; it is not saved and no input of the node. */
const GALLERY_WIDGET = "preset_gallery";

/** Pixels: search, a row of presets and the top of the next. */
const MIN_HEIGHT = 220;

/**
 * Adds a gallery below a PresetSelector's widgets.
 *
 * @param {any} node A node of the graph.
 * @param {{host: Host, presets: PresetStore}} context
 */
export function addPresetGallery(node, { host, presets }) {
  const box = element(host.page, "div.wl.wl-presets-box");
  addNodeBox(node, box, {
    name: GALLERY_WIDGET, type: "WANDERLENS_PRESET_GALLERY", minHeight: MIN_HEIGHT,
  });
  /** @type {ReturnType<typeof presetGallery> | null} */
  let gallery = null;

  const show = () => {
    takePlace(node, box, host.page);
    const { id, picture } = stateOf(node);
    const url = picture === null ? null : host.viewURL(refOf(picture));
    if (gallery) {
      gallery.setValue(id);
      gallery.setPicture(url);
      return;
    }
    const onPick = (/** @type {{id: string} | null} */ preset) => {
      if (preset) setPreset(node, preset.id, host);
      gallery?.setValue(stateOf(node).id);
    };
    gallery = presetGallery({
      host, presets, picture: url, value: id, onPick, compact: true, required: true,
    });
    box.append(gallery.element);
  };
  const seen = () => node.graph && node.graph === host.app.canvas?.graph && !node.flags?.collapsed;
  // Created when first visible, so that a graph of many nodes loads no slower.
  const watcher = new Watcher(
    () => (seen() ? JSON.stringify([node.id, stateOf(node)]) : null), show,
  );
  const offer = () => offerPresets(node, presets);
  whileInGraph(node, host, () => {
    const stop = watch(host.page, watcher);
    presets.addEventListener("change", offer);
    if (presets.loaded) offer();
    watcher.again();
    return () => {
      stop();
      presets.removeEventListener("change", offer);
      gallery?.destroy();
      gallery = null;
    };
  });
}

/**
 * Vue nodes keep the element of an earlier node of the same id on the page when another workflow
 * is loaded; the node's own takes its place.
 *
 * @param {any} node
 * @param {HTMLElement} box
 * @param {Document} page
 */
function takePlace(node, box, page) {
  if (box.isConnected) return;
  for (const each of nodeBoxes(node, box, GALLERY_WIDGET, page)) {
    if (each !== box) each.replaceWith(box);
  }
}

/**
 * @param {any} node
 * @returns {{id: string, picture: string | null}} The preset that is picked, "" where it is known
 *   only in a run, and the still that the shot most likely starts from.
 */
function stateOf(node) {
  const preset = widgetValue(node, "preset");
  return { id: preset.known ? String(preset.value ?? "") : "", picture: pictureNear(node) };
}

/**
 * Picks a preset as a user does in the menu.
 *
 * @param {any} node
 * @param {string} id
 * @param {Host} host
 */
function setPreset(node, id, host) {
  const widget = menuOf(node);
  if (!widget) return;
  widget.value = id;
  widget.callback?.(id, host.app.canvas, node);
  node.graph?.setDirtyCanvas(true, true);
}

/**
 * Sets the menu's options to the present presets, with those made after the page was loaded.
 *
 * @param {any} node
 * @param {PresetStore} presets
 */
function offerPresets(node, presets) {
  const widget = menuOf(node);
  if (!presets.loaded || !Array.isArray(widget?.options?.values)) return;
  widget.options.values = presets.all().map((preset) => preset.id);
}

/** @param {any} node */
function menuOf(node) {
  return node.widgets?.find((/** @type {any} */ widget) => widget.name === "preset");
}
