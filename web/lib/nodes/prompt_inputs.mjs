// @ts-check
/** What a CinematicDirection node would compose from, as far as it is known before a run. */
import { pictureFile, sourceOf, widgetValue } from "../comfy/upstream.mjs";

/** @typedef {import("../presets/store.mjs").PresetStore} PresetStore */

/** The node's widgets that are sent as they are. */
const WIDGETS = [
  "direction",
  "camera",
  "pacing",
  "look",
  "include_image_prompt",
  "include_image_style",
  "negative",
  "max_words",
  "loop",
];

/**
 * @typedef {object} Brief
 * @property {Record<string, any>} body What `/wanderlens/compose` is asked.
 * @property {string[]} later Inputs that are known only when the node runs.
 */

/**
 * @param {any} node A CinematicDirection node.
 * @param {PresetStore} presets
 * @returns {Brief}
 */
export function briefOf(node, presets) {
  const brief = /** @type {Brief} */ ({ body: {}, later: [] });
  for (const name of WIDGETS) {
    const found = widgetValue(node, name);
    if (found.known) set(brief.body, name, found.value);
    else if (name === "loop" && isPresetLoop(found.source)) {
      addPresetLoop(brief, found.source, presets);
    } else brief.later.push(name);
  }
  addPreset(brief, node);
  addStill(brief, node);
  return brief;
}

/**
 * @param {Record<string, any>} body
 * @param {string} name
 * @param {any} value
 */
function set(body, name, value) {
  if (value !== undefined && value !== null) body[name] = value;
}

/** @param {import("../comfy/upstream.mjs").Source} source */
function isPresetLoop(source) {
  return source.kind === "node" && source.node.type === "PresetSelector"
    && source.node.outputs?.[source.slot]?.name === "loop";
}

/**
 * @param {Brief} brief
 * @param {any} source
 * @param {PresetStore} presets
 */
function addPresetLoop(brief, source, presets) {
  const id = widgetValue(source.node, "preset", source.within);
  const preset = id.known ? presets.byId(id.value) : null;
  if (preset) brief.body.loop = preset.loop;
  else brief.later.push("loop");
}

/**
 * @param {Brief} brief
 * @param {any} node
 */
function addPreset({ body, later }, node) {
  const source = sourceOf(node, "preset");
  if (source.kind === "none") return;
  if (source.kind === "node" && source.node.type === "PresetSelector") {
    const id = widgetValue(source.node, "preset", source.within);
    const intensity = widgetValue(source.node, "intensity", source.within);
    if (id.known) set(body, "preset", id.value);
    if (id.known && intensity.known) set(body, "intensity", intensity.value);
    if (id.known && intensity.known) return;
  }
  later.push("preset");
}

/**
 * @param {Brief} brief
 * @param {any} node
 */
function addStill({ body, later }, node) {
  const carryOver = sourceOf(node, "image_style");
  if (carryOver.kind === "none") return;
  if (carryOver.kind !== "node" || carryOver.node.type !== "ImageStyleCarryover") {
    later.push("image_style");
    return;
  }
  const { node: still, within } = carryOver;
  const value = (/** @type {string} */ name) => widgetValue(still, name, within);
  const [include, source, file, text] =
    ["include", "source", "image_file", "prompt_text"].map(value);
  if (include.known && include.value === false) return;
  if (![include, source, file, text].every((each) => each.known)) later.push("image_style");
  if (source.known) set(body, "source", source.value);
  if (text.known && text.value) body.prompt_text = text.value;
  const where = source.known ? source.value : "auto";
  const named = file.known ? String(file.value ?? "").trim() : "";
  const picture = (where === "auto" || where === "file") && named
    ? named
    : pictureFile(still, "image", within);
  if (picture) body.image = picture;
  else if (where !== "text" && !later.includes("image_style")) later.push("image_style");
}
