// @ts-check
/** From what the form says to a workflow: the bundled ones, filled, in both forms. */
import { shotOf } from "./values.mjs";
import { annotated } from "../comfy/file_ref.mjs";
import {
  addGroup, addNode, fillFile, link, loadTemplate, nodeOf, removeNode,
} from "./template.mjs";
import {
  A14B, A14B_FAST, addLoras, addPreset, COLORS, EXTENSION, fillDirection, fillEach, fillModels,
  ONE_MODEL, oneModel,
} from "./parts.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("../comfy/file_ref.mjs").Ref} Ref */
/** @typedef {import("./template.mjs").Template} Template */
/** @typedef {import("../convert/form.mjs").FormValues} FormValues */
/** @typedef {"convert" | "extend" | "bridge" | "loop" | "combine"} Kind */

/**
 * @typedef {object} Built
 * @property {Template["prompt"]} prompt The API form.
 * @property {any} workflow The UI form.
 * @property {string} title Short, for people.
 * @property {Kind} kind
 */

const EXTEND = "Extend a clip";
const BRIDGE = "Bridge two clips";
const LOOP = "Make any clip loop";

const SHOT = { type: "Wan22ImageToVideo" };

/** Pixels from one column of combined clips to the next; the widest node of one is 350. */
const PITCH = 404;

/** Characters of a title's part. */
const LONGEST = 48;

/**
 * A clip from a picture.
 *
 * @param {Host} host
 * @param {FormValues} values
 * @param {Ref} picture
 * @returns {Promise<Built>}
 */
export async function convertWorkflow(host, values, picture) {
  const shot = shotOf(values);
  const { family, quality, loop, draft } = shot;
  const name = family === "5b" ? ONE_MODEL : quality === "fast" ? A14B_FAST : A14B;
  const template = await loadTemplate(host, name);
  fillFile(template, nodeOf(template, { type: "LoadImage" }), annotated(picture));
  fillDirection(template, shot, loop);
  const { fps, duration, resolution, seed } = shot;
  fillEach(template, SHOT, { fps, duration, loop, resolution, quality, seed });
  fillModels(template, shot);
  await addPreset(host, template, shot);
  const suffix = draft ? "_draft" : loop ? "_loop" : "";
  fillEach(template, { type: "SaveVideo" }, { filename_prefix: `video/wanderlens${suffix}` });
  return built(template, "convert", titleOf(picture, values));
}

/**
 * A clip that goes on.
 *
 * @param {Host} host
 * @param {FormValues} values `duration` is what is added, `loop` leads back to the start.
 * @param {Ref} clip
 * @returns {Promise<Built>}
 */
export async function extendWorkflow(host, values, clip) {
  const template = await loadTemplate(host, EXTEND);
  fillFile(template, nodeOf(template, { type: "LoadVideo" }), annotated(clip));
  await fillExtension(host, template, shotOf(values));
  fillEach(template, EXTENSION, { close_loop: values.loop });
  return built(template, "extend", titleOf(clip, values));
}

/**
 * Two clips that become one.
 *
 * @param {Host} host
 * @param {FormValues} values `duration` is the length of what is made between them.
 * @param {Ref} clip
 * @param {Ref} next
 * @returns {Promise<Built>}
 */
export async function bridgeWorkflow(host, values, clip, next) {
  const template = await loadTemplate(host, BRIDGE);
  const [first, second] = ["First clip", "Next clip"].map((title) =>
    nodeOf(template, { type: "LoadVideo", title }));
  fillFile(template, first, annotated(clip));
  fillFile(template, second, annotated(next));
  await fillExtension(host, template, shotOf({ ...values, family: "a14b" }));
  return built(template, "bridge", clipped(`${stem(clip)} → ${stem(next)}`));
}

/**
 * A clip that repeats without a seam; needs no models.
 *
 * @param {Host} host
 * @param {Ref} clip
 * @returns {Promise<Built>}
 */
export async function loopWorkflow(host, clip) {
  const template = await loadTemplate(host, LOOP);
  fillFile(template, nodeOf(template, { type: "LoadVideo" }), annotated(clip));
  return built(template, "loop", clipped(stem(clip)));
}

/**
 * Clips one after the other; needs no models.
 *
 * @param {Host} host
 * @param {Ref[]} clips Two or more, in their order.
 * @returns {Promise<Built>}
 */
export async function combineWorkflow(host, clips) {
  if (clips.length < 2) throw new Error(host.t("workflows.combine_two"));
  const template = await loadTemplate(host, LOOP);
  const extend = await loadTemplate(host, EXTEND);
  const source = structuredClone(template);
  const load = nodeOf(template, { type: "LoadVideo" });
  const video = nodeOf(template, { type: "CreateVideo" });
  const report = nodeOf(template, { type: "PreviewAny" });
  const saved = nodeOf(template, { type: "SaveVideo" });
  const note = nodeOf(template, { type: "MarkdownNote" });
  let parts = nodeOf(template, { type: "GetVideoComponents" });
  removeNode(template, nodeOf(template, { type: "LoopBlend" }));
  template.workflow.groups = [];
  Object.assign(note, { title: host.t("workflows.combine_note_title") });
  note.widgets_values = [host.t("workflows.combine_note")];

  fillFile(template, load, annotated(clips[0]));
  const first = parts;
  addGroup(template, `1. ${stem(clips[0])}`, [load, parts], COLORS.source);
  let [joined, output] = [parts, "images"];
  clips.slice(1).forEach((clip, index) => {
    const left = PITCH * (index + 1);
    const next = addNode(template, source, { type: "LoadVideo" }, { pos: [left, 390] });
    parts = addNode(template, source, { type: "GetVideoComponents" }, { pos: [left, 906] });
    const join = addNode(template, extend, EXTENSION, { pos: [left, 1110] });
    fillFile(template, next, annotated(clip));
    link(template, next, "VIDEO", parts, "video");
    link(template, joined, output, join, "frames");
    link(template, joined, "fps", join, "clip_fps");
    link(template, parts, "images", join, "next_frames");
    link(template, parts, "fps", join, "next_fps");
    fillEach(template, join, { join: "motion crossfade" });
    addGroup(template, `${index + 2}. ${stem(clip)}`, [next, parts], COLORS.source);
    addGroup(template, host.t("workflows.join"), [join], COLORS.direction);
    [joined, output] = [join, "frames"];
  });
  const right = PITCH * clips.length;
  Object.assign(video, { pos: [right, 390] });
  Object.assign(saved, { pos: [right, 542] });
  Object.assign(report, { pos: [right, 938], size: [380, 220] });
  addGroup(template, host.t("workflows.video"), [video, saved, report], COLORS.video);
  link(template, joined, "frames", video, "images");
  link(template, joined, "fps", video, "fps");
  link(template, first, "audio", video, "audio");
  link(template, joined, "report", report, "source");
  fillEach(template, saved, { filename_prefix: "video/wanderlens_combined" });
  return built(template, "combine", clipped(clips.map(stem).join(" + "), 2 * LONGEST));
}

/**
 * What extending and bridging have in common.
 *
 * @param {Host} host
 * @param {Template} template It is changed.
 * @param {FormValues} values
 */
async function fillExtension(host, template, values) {
  const { duration, context_frames, color_match, quality, seed, family } = values;
  fillDirection(template, values, false);
  fillEach(template, EXTENSION, { duration, context_frames, color_match, quality, seed });
  if (family === "5b") oneModel(template, await loadTemplate(host, ONE_MODEL));
  else if (quality === "fast") addLoras(template, await loadTemplate(host, A14B_FAST));
  fillModels(template, values);
  await addPreset(host, template, values);
}

/**
 * @param {Template} template
 * @param {Kind} kind
 * @param {string} title
 * @returns {Built}
 */
function built({ prompt, workflow }, kind, title) {
  return { prompt, workflow, title, kind };
}

/**
 * @param {Ref} file
 * @param {FormValues} values
 */
function titleOf(file, { direction, preset, camera }) {
  const words = direction.trim().split("\n")[0];
  const named = ["from preset", "none"].includes(camera) ? "" : camera;
  const told = words || preset.slice(preset.indexOf("/") + 1) || named;
  return told ? `${clipped(stem(file), LONGEST / 2)}: ${clipped(told)}` : clipped(stem(file));
}

/** @param {Ref} file Its name without ending. */
function stem({ filename }) {
  return filename.replace(/\.[^.]+$/, "");
}

/**
 * @param {string} text
 * @param {number} [most] Characters.
 */
function clipped(text, most = LONGEST) {
  const characters = [...text];
  if (characters.length <= most) return text;
  return `${characters.slice(0, most - 1).join("").trimEnd()}…`;
}
