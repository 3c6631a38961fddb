// @ts-check
/** The fields of a user preset's file, and the search of presets; pure functions. */
import { folded, wordsOf } from "../ui/text.mjs";

/** @typedef {import("../camera/path.mjs").Path} Path */

/**
 * @typedef {object} Fields
 * @property {string} about
 * @property {string} text
 * @property {string} camera
 * @property {string} pacing
 * @property {string} look
 * @property {string} negative
 * @property {number} fps
 * @property {number} duration
 * @property {boolean} loop
 * @property {string[]} tags
 */

/**
 * @typedef {Fields & {id: string, group: string, name: string, mine: boolean, path: Path}} Preset
 */

/** The group of the user's own presets. */
export const USER_GROUP = "user";

/** As `wanderlens/direction/presets.py` reads them. */
const VERSION = 1;
const FRAME_RATES = [16, 24, 32];
const MAX_SECONDS = 120;
const MAX_TEXT = 2000;

/** Characters of a name, fewer than any file system takes with ".json". */
const MAX_NAME = 80;

/**
 * Why a name cannot be a preset's.
 *
 * @param {string} name
 * @returns {"empty" | "dot" | "characters" | "long" | null} Null where it can.
 */
export function nameProblem(name) {
  const trimmed = name.trim();
  if (!trimmed) return "empty";
  if (trimmed.startsWith(".") || trimmed.endsWith(".")) return "dot";
  // Characters that Windows refuses are refused everywhere: files move between machines.
  if (/[\\/:*?"<>|\u0000-\u001f\u007f]/.test(trimmed)) return "characters";
  return trimmed.length > MAX_NAME ? "long" : null;
}

/**
 * The content of a preset's file.
 *
 * @param {Partial<Fields>} fields Missing ones get their defaults.
 */
export function fileOf(fields) {
  const text = (/** @type {unknown} */ value) => String(value ?? "").trim().slice(0, MAX_TEXT);
  const fps = Number(fields.fps);
  const duration = Number(fields.duration);
  return {
    version: VERSION,
    about: text(fields.about),
    text: text(fields.text),
    camera: text(fields.camera),
    pacing: text(fields.pacing),
    look: text(fields.look),
    negative: text(fields.negative),
    fps: FRAME_RATES.includes(fps) ? fps : 16,
    duration: duration > 0 ? Math.min(duration, MAX_SECONDS) : 5,
    loop: fields.loop === true,
    tags: (fields.tags ?? []).filter((tag) => typeof tag === "string"),
  };
}

/**
 * The fields of a preset that has the effect of the form's present values.
 *
 * @param {Record<string, any>} values The form's: direction, camera, pacing, look, negative, fps,
 *   duration, loop.
 * @param {Preset | null} base The preset that is picked in the form.
 * @returns {Partial<Fields>}
 */
export function fieldsOf(values, base) {
  const own = String(values.direction ?? "").trim();
  const menu = (/** @type {"camera" | "pacing" | "look"} */ name) => {
    const value = values[name] ?? "from preset";
    if (value === "from preset") return base?.[name] ?? "";
    return value === "none" ? "" : value;
  };
  const joined = (/** @type {(string | undefined)[]} */ parts, /** @type {string} */ between) =>
    parts.map((part) => (part ?? "").trim()).filter(Boolean).join(between);
  return {
    about: base?.about ?? "",
    text: joined([own, own.includes(base?.text ?? "") ? "" : base?.text], closed(own) ? " " : ". "),
    camera: menu("camera"),
    pacing: menu("pacing"),
    look: menu("look"),
    negative: joined([values.negative, base?.negative], ", "),
    fps: values.fps ?? base?.fps,
    duration: values.duration ?? base?.duration,
    loop: values.loop ?? base?.loop,
    tags: base?.tags ?? [],
  };
}

/**
 * @param {Preset} preset
 * @param {string} query Each of its words must occur.
 * @param {string} group The group's name in the page's language.
 */
export function matches(preset, query, group) {
  const words = wordsOf(query);
  if (!words.length) return true;
  const { name, about, camera, pacing, look, tags } = preset;
  const where = folded([name, about, camera, pacing, look, group, preset.group, ...tags].join(" "));
  return words.every((word) => where.includes(word));
}

/**
 * @param {string} text
 * @returns {boolean} Whether it ends like a sentence.
 */
function closed(text) {
  return /[.!?…。！？]$/.test(text);
}
