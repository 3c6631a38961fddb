// @ts-check
/** The form's values: defaults, limits, and which values change together. */
import { FORM_SETTINGS } from "../settings.mjs";
import { CONTEXT_FRAMES, FAMILIES, FPS, QUALITIES, RESOLUTIONS } from "../workflows/choices.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {"convert" | "extend" | "bridge"} Mode */

/**
 * @typedef {object} Models A file for each part; "" for none.
 * @property {string} high_noise
 * @property {string} low_noise
 * @property {string} one_model
 * @property {string} text_encoder
 * @property {string} vae
 * @property {string} vae_5b
 * @property {string} lora_high
 * @property {string} lora_low
 */

/**
 * @typedef {object} FormValues
 * @property {string} direction
 * @property {string} preset Its id; "" for none.
 * @property {number} intensity Of the preset's camera, 0 to 1.5.
 * @property {string} camera
 * @property {string} pacing
 * @property {string} look
 * @property {string} negative
 * @property {boolean} include_image_prompt
 * @property {boolean} include_image_style
 * @property {number} fps
 * @property {number} duration Seconds: of the clip, of what is added, or of the bridge.
 * @property {boolean} loop
 * @property {string} resolution
 * @property {string} quality
 * @property {number} seed
 * @property {string} family
 * @property {Models} models
 * @property {boolean} draft
 * @property {number} context_frames Frames that an extension goes on from.
 * @property {number} color_match How far an extension's colours are held, 0 to 1.
 */

export const FROM_PRESET = "from preset";

/** Native frame rate of the 5B. */
const FPS_OF_5B = 24;

/** Largest integer that is exact in JavaScript; ComfyUI's seeds go further. */
export const MAX_SEED = Number.MAX_SAFE_INTEGER;

/** Seconds, by mode. */
export const DURATIONS = {
  convert: { min: 0.5, max: 120, step: 0.5, slider: 15, start: 5 },
  extend: { min: 0.5, max: 120, step: 0.5, slider: 15, start: 5 },
  bridge: { min: 0.25, max: 10, step: 0.25, slider: 5, start: 2 },
};

/** @type {Models} */
const NO_MODELS = {
  high_noise: "", low_noise: "", one_model: "", text_encoder: "", vae: "", vae_5b: "",
  lora_high: "", lora_low: "",
};

/**
 * The form's initial values.
 *
 * @param {Host} host For its settings.
 * @param {Mode} mode
 * @param {Partial<FormValues>} [given] Override the defaults.
 * @returns {FormValues}
 */
export function startValues(host, mode, given = {}) {
  const { start } = DURATIONS[mode];
  const base = {
    direction: "", preset: "", intensity: 1, camera: FROM_PRESET, pacing: FROM_PRESET,
    look: FROM_PRESET, negative: "", include_image_prompt: true, include_image_style: true,
    fps: 16, duration: start, loop: false, resolution: "480p", quality: "standard",
    seed: randomSeed(), family: "a14b", draft: false, context_frames: 5, color_match: 1,
  };
  /** @type {Record<string, any>} */
  const set = {};
  for (const [field, id] of Object.entries(FORM_SETTINGS)) {
    const value = host.setting(id);
    if (value !== null && value !== undefined) set[field] = value;
  }
  if (mode !== "convert") {
    delete set.loop; // the setting is for new clips only
    delete set.duration;
  }
  return tidied({ ...base, ...tidied(set), ...tidied(given) }, mode);
}

/**
 * Drops values that the form has no field or no choice for.
 *
 * @param {Record<string, any>} values From settings, a clip or a draft.
 * @param {Mode} [mode] Fills in what a mode demands.
 * @returns {any}
 */
export function tidied(values, mode) {
  /** @type {Record<string, any>} */
  const tidy = {};
  const keep = (/** @type {string} */ name, /** @type {(value: any) => boolean} */ fits) => {
    if (fits(values[name])) tidy[name] = values[name];
  };
  const within = (/** @type {number} */ least, /** @type {number} */ most) =>
    (/** @type {any} */ value) => typeof value === "number" && value >= least && value <= most;
  for (const name of ["direction", "preset", "camera", "pacing", "look", "negative"]) {
    keep(name, (value) => typeof value === "string");
  }
  for (const name of ["include_image_prompt", "include_image_style", "loop", "draft"]) {
    keep(name, (value) => typeof value === "boolean");
  }
  keep("intensity", within(0, 1.5));
  keep("duration", (value) => typeof value === "number" && Number.isFinite(value));
  keep("seed", (value) => Number.isInteger(value) && value >= 0 && value <= MAX_SEED);
  keep("color_match", within(0, 1));
  keep("context_frames", (value) => CONTEXT_FRAMES.includes(value));
  keep("fps", (value) => FPS.includes(value));
  keep("resolution", (value) => RESOLUTIONS.includes(value));
  keep("quality", (value) => QUALITIES.includes(value));
  keep("family", (value) => FAMILIES.includes(value));
  if (values.models !== null && typeof values.models === "object") {
    const files = Object.keys(NO_MODELS)
      .filter((part) => typeof values.models[part] === "string")
      .map((part) => [part, values.models[part]]);
    tidy.models = Object.fromEntries(files);
  }
  if (!mode) return tidy;
  tidy.models = { ...NO_MODELS, ...tidy.models };
  if (mode === "bridge") Object.assign(tidy, { family: "a14b", loop: false });
  if (mode !== "convert") tidy.draft = false;
  return tidy;
}

/**
 * Applies a change; some choices change other values too.
 *
 * @param {FormValues} values
 * @param {Partial<FormValues>} change
 * @returns {FormValues}
 */
export function changed(values, change) {
  const next = { ...values, ...change };
  if (change.family && change.family !== values.family) {
    // The native frame rates: 24 for the 5B, 16 for the A14B.
    if (change.family === "5b" && values.fps === 16) next.fps = FPS_OF_5B;
    if (change.family === "a14b" && values.fps === FPS_OF_5B) next.fps = 16;
  }
  return next;
}

/**
 * The values that a preset recommends.
 *
 * @param {FormValues} values
 * @param {{id: string, fps: number, duration: number, loop: boolean} | null} preset Null for none.
 * @param {Mode} mode Presets set length, rate and loop in mode "convert" only.
 * @returns {Partial<FormValues>}
 */
export function recommended(values, preset, mode) {
  if (!preset) return { preset: "" };
  const { id, fps, duration, loop } = preset;
  if (mode !== "convert") return { preset: id };
  // 16 is the A14B's native rate; the 5B's own replaces it.
  const rate = values.family === "5b" && fps === 16 ? FPS_OF_5B : fps;
  return { preset: id, fps: FPS.includes(rate) ? rate : values.fps, duration, loop };
}

/**
 * Validates the values.
 *
 * @param {FormValues} values
 * @param {Mode} mode
 * @returns {{field: keyof FormValues, key: string, values: Record<string, number>}[]} The field,
 *   and the text's key with its values.
 */
export function problems(values, mode) {
  const list = [];
  const { min, max } = DURATIONS[mode];
  const outside = (/** @type {number} */ value, /** @type {number} */ least,
    /** @type {number} */ most) => !(value >= least && value <= most); // NaN is outside
  if (outside(values.duration, min, max)) {
    list.push({ field: "duration", key: "convert.problem.duration", values: { min, max } });
  }
  if (!Number.isInteger(values.seed) || outside(values.seed, 0, MAX_SEED)) {
    list.push({ field: "seed", key: "convert.problem.seed", values: { max: MAX_SEED } });
  }
  if (outside(values.intensity, 0, 1.5)) {
    list.push({ field: "intensity", key: "convert.problem.intensity", values: { max: 1.5 } });
  }
  if (mode === "extend" && values.family === "5b" && values.loop) {
    list.push({ field: "loop", key: "convert.problem.loop_5b", values: {} });
  }
  return /** @type {any} */ (list);
}

/** A random seed of 32 bits. */
export function randomSeed() {
  return crypto.getRandomValues(new Uint32Array(1))[0];
}
