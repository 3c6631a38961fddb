// @ts-check
/** The inputs of a CinematicDirection node, as far as they are known before a run. */
import { pictureFile, sourceOf, widgetValue } from "../comfy/upstream.mjs";

/** @typedef {import("../presets/store.mjs").PresetStore} PresetStore */

/** Widgets whose values are sent as they are. */
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
 * @typedef {object} PromptInputs
 * @property {Record<string, any>} body The request for `/wanderlens/compose`.
 * @property {string[]} later Inputs that are known only when the node runs.
 */

/**
 * @param {any} node A CinematicDirection node.
 * @param {PresetStore} presets
 * @returns {PromptInputs}
 */
export function promptInputs(node, presets) {
  const result = /** @type {PromptInputs} */ ({ body: {}, later: [] });
  for (const name of WIDGETS) {
    const widget = widgetValue(node, name);
    if (widget.known) set(result.body, name, widget.value);
    else if (name === "loop" && isPresetLoop(widget.source)) {
      addPresetLoop(result, widget.source, presets);
    } else result.later.push(name);
  }
  addPreset(result, node);
  addStill(result, node);
  return result;
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
 * @param {PromptInputs} result
 * @param {any} source
 * @param {PresetStore} presets
 */
function addPresetLoop(result, source, presets) {
  const id = widgetValue(source.node, "preset", source.within);
  const preset = id.known ? presets.byId(id.value) : null;
  if (preset) result.body.loop = preset.loop;
  else result.later.push("loop");
}

/**
 * @param {PromptInputs} result
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
 * @param {PromptInputs} result
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
