// @ts-check
/** Matches a job that the server no longer knows with a clip, by its settings and source files. */
import { keyOf, refOf } from "../comfy/file_ref.mjs";
import { filesOf, settingsOf } from "./prompt.mjs";

/** @typedef {import("../comfy/file_ref.mjs").Ref} Ref */
/** @typedef {import("./job.mjs").Job} Job */

/** Settings that must be comparable before a clip counts as a match. */
const MIN_COMPARED = 2;

/** Kinds of clips that no model makes and whose files hold few settings: the kind suffices. */
const WITHOUT_MODEL = new Set(["combine", "loop"]);

/** Resolution of file times, ms. */
const TIME_RESOLUTION = 2000;

/**
 * @param {Job} job With its prompt.
 * @param {any[]} clips All of them.
 * @param {Set<string>} taken Keys of the clips of other jobs.
 * @param {number} since When the job began, by the server's clock, ms.
 * @returns {{clip: Ref, modified: number} | null} The clip it most likely made, and when that was
 *   written.
 */
export function matchClip(job, clips, taken, since) {
  const wanted = { settings: settingsOf(job.prompt), files: filesOf(job.prompt), kind: job.kind };
  const matching = clips.filter(
    (clip) => clip.modified >= since - TIME_RESOLUTION && !taken.has(keyOf(clip))
      && matches(wanted, clip),
  );
  // The oldest: a later one belongs to a later job with the same settings.
  const first = matching.sort((a, b) => a.modified - b.modified)[0];
  if (!first) return null;
  const { filename, subfolder, type, modified } = first;
  return { clip: { filename, subfolder, type }, modified };
}

/**
 * @param {{settings: Record<string, any>, files: Ref[], kind: string}} wanted
 * @param {any} clip
 */
function matches({ settings, files, kind }, clip) {
  const recorded = clip.settings ?? {};
  const known = kind !== "other" && clip.kind !== undefined;
  if (known && clip.kind !== kind) return false;
  const names = Object.keys(settings).filter((name) => recorded[name] !== undefined);
  if (!names.every((name) => same(settings[name], recorded[name]))) return false;
  const keys = files.map(keyOf);
  const sources = [recorded.image, recorded.next].filter((name) => typeof name === "string");
  if (keys.length && !sources.every((name) => keys.includes(keyOf(refOf(name))))) return false;
  return names.length >= MIN_COMPARED || (known && WITHOUT_MODEL.has(kind));
}

/**
 * @param {any} one
 * @param {any} other
 */
function same(one, other) {
  if (typeof one === "number") return Math.abs(one - Number(other)) < 1e-6;
  if (typeof one === "string") return one.trim() === String(other).trim();
  return one === other;
}
