// @ts-check
/** Reads prompts in API format and their outputs: title, settings, files, clip, failure. */

import { refOf, VIDEO } from "../comfy/file_ref.mjs";
import { firstLine } from "../ui/text.mjs";

/** @typedef {import("../comfy/file_ref.mjs").Ref} Ref */
/** @typedef {Record<string, {class_type: string, inputs: Record<string, any>}>} Prompt */

/** Our node classes. */
export const OURS = new Set([
  "PresetSelector",
  "CinematicDirection",
  "ImageStyleCarryover",
  "Wan22ImageToVideo",
  "LoopBlend",
  "FrameContinuityExtend",
]);

/** Stages of nodes of ComfyUI, which report none themselves. */
const STAGE_OF_NODE = new Map([
  ["CLIPLoader", "load"],
  ["CLIPTextEncode", "text"],
  ["CreateVideo", "save"],
  ["LoraLoaderModelOnly", "load"],
  ["SaveAnimatedWEBP", "save"],
  ["SaveVideo", "save"],
  ["SaveWEBM", "save"],
  ["UNETLoader", "load"],
  ["VAELoader", "load"],
]);

const MOVING = /\.(?:webp|gif|apng|avif)$/i;
const TITLE_LENGTH = 80;

/**
 * Whether a prompt has a node of ours.
 *
 * @param {any} prompt Of any shape.
 */
export function isOurs(prompt) {
  return nodesOf(prompt).some(({ class_type: type }) => OURS.has(type));
}

/**
 * The nodes that sample; each of them counts its own steps.
 *
 * @param {any} prompt A prompt.
 * @returns {string[]} Their ids.
 */
export function generators(prompt) {
  return Object.entries(prompt ?? {})
    .filter(([, node]) => isGenerator(node))
    .map(([id]) => id);
}

/** @param {any} node */
function isGenerator(node) {
  if (node?.class_type === "Wan22ImageToVideo") return true;
  return node?.class_type === "FrameContinuityExtend" && node.inputs?.join === "generate";
}

/**
 * The stage that a node belongs to.
 *
 * @param {any} prompt A prompt; null where it is not known.
 * @param {string} id The node's id.
 * @returns {string | null} "prepare" for any other node; null for one that is not in the prompt.
 */
export function stageOfNode(prompt, id) {
  const type = prompt?.[id]?.class_type;
  return typeof type === "string" ? (STAGE_OF_NODE.get(type) ?? "prepare") : null;
}

/**
 * A title for a job: its direction, else its preset, else its first file.
 *
 * @param {any} prompt A prompt.
 * @returns {string} Empty where it has none of them.
 */
export function titleOf(prompt) {
  const { direction, preset } = settingsOf(prompt);
  const words = [direction, preset, filesOf(prompt)[0]?.filename]
    .map((value) => String(value ?? "").trim())
    .find(Boolean);
  return firstLine(words ?? "", TITLE_LENGTH);
}

/**
 * The files that a prompt loads.
 *
 * @param {any} prompt A prompt.
 * @returns {Ref[]}
 */
export function filesOf(prompt) {
  return nodesOf(prompt)
    .flatMap(({ inputs }) => [inputs?.image, inputs?.file, inputs?.video])
    .filter((value) => typeof value === "string" && value !== "")
    .map((value) => refOf(value));
}

/** The inputs of our nodes that are settings of a clip. */
const SETTINGS = {
  CinematicDirection: ["direction", "camera", "pacing", "look"],
  FrameContinuityExtend: ["duration", "quality", "seed"],
  PresetSelector: ["preset", "intensity"],
  Wan22ImageToVideo: ["fps", "duration", "loop", "resolution", "quality", "seed"],
};

/**
 * The settings that a prompt holds as plain values.
 *
 * @param {any} prompt A prompt.
 * @returns {Record<string, any>} By name, without linked inputs.
 */
export function settingsOf(prompt) {
  /** @type {Record<string, any>} */
  const settings = {};
  for (const { class_type: type, inputs } of nodesOf(prompt)) {
    for (const name of /** @type {any} */ (SETTINGS)[type] ?? []) {
      const value = inputs?.[name];
      if (value !== undefined && value !== "" && typeof value !== "object") settings[name] ??= value;
    }
  }
  return settings;
}

/**
 * The clip among the outputs of a prompt or of a node: the last video, else the last moving
 * picture, else the last picture; saved files come before previews.
 *
 * @param {any} outputs Outputs by node id.
 * @returns {Ref | null}
 */
export function clipOf(outputs) {
  const files = Object.values(outputs ?? {})
    .flatMap((output) => Object.values(output ?? {}))
    .flatMap((items) => (Array.isArray(items) ? items : []))
    .filter((item) => typeof item?.filename === "string");
  /** @type {Ref | null} */
  let best = null;
  for (const { filename, subfolder, type } of files) {
    if (type !== "output" && type !== "temp") continue;
    best = better(best, { filename, subfolder: subfolder ?? "", type });
  }
  return best;
}

/**
 * Which of two files is the clip: a video before a moving picture before a still one, a saved file
 * before a preview, and of equals the later one.
 *
 * @param {Ref | null} first
 * @param {Ref | null} second
 */
export function better(first, second) {
  if (!first || !second) return second ?? first;
  return rankOf(second) >= rankOf(first) ? second : first;
}

/** @param {Ref} file */
function rankOf({ filename, type }) {
  const kind = VIDEO.test(filename) ? 3 : MOVING.test(filename) ? 2 : 1;
  return kind * 2 + (type === "output" ? 1 : 0);
}

/**
 * @typedef {object} Failure Why a job failed.
 * @property {string} message For people, one or a few sentences.
 * @property {string} node Class of the node that failed; empty where it is unknown.
 * @property {string} details The server's whole message with the traceback.
 * @property {boolean} memory Whether it ran out of memory.
 */

const MESSAGE_LENGTH = 400;

/**
 * A failure from ComfyUI's `execution_error`.
 *
 * @param {any} data The message.
 * @returns {Failure}
 */
export function failureOf(data) {
  const message = String(data?.exception_message ?? "").trim();
  const plain = message.replace(/^\W*error:\s*/i, "");
  const type = String(data?.exception_type ?? "").trim();
  const trace = Array.isArray(data?.traceback) ? data.traceback.join("") : "";
  return {
    message: shortMessage(plain) || type || "?",
    node: String(data?.node_type ?? ""),
    details: joined("\n\n", joined(": ", type, message), trace).trim(),
    memory: /OutOfMemory/i.test(type) || /out of memory|allocation on device/i.test(message),
  };
}

/**
 * @param {string} between
 * @param {...string} texts
 */
function joined(between, ...texts) {
  return texts.filter(Boolean).join(between);
}

/** @param {string} message */
function shortMessage(message) {
  const paragraph = message.split(/\n\s*\n/)[0].trim();
  if (paragraph.length <= MESSAGE_LENGTH) return paragraph;
  const cut = paragraph.slice(0, MESSAGE_LENGTH);
  const end = Math.max(cut.lastIndexOf(". "), cut.lastIndexOf("\n"));
  return end > MESSAGE_LENGTH / 2 ? cut.slice(0, end + 1).trim() : `${cut.trimEnd()}…`;
}

/**
 * @param {any} prompt
 * @returns {any[]}
 */
function nodesOf(prompt) {
  if (prompt === null || typeof prompt !== "object") return [];
  return Object.values(prompt).filter((node) => typeof node?.class_type === "string");
}
