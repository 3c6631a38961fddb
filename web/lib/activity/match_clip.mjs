// @ts-check
/** Finds the clip of a job that the server no longer knows. */
import { keyOf, refOf } from "../comfy/file_ref.mjs";
import { filesOf, settingsOf } from "./prompt.mjs";

/** @typedef {import("../comfy/file_ref.mjs").Ref} Ref */
/** @typedef {import("./job_state.mjs").Job} Job */

/** Settings that must have been compared before two count as the same. */
const LEAST = 2;

/** Kinds of clips that no model makes, and whose files say little of how: their kind must do. */
const WITHOUT_MODEL = new Set(["combine", "loop"]);

/** Clocks of file systems may be this coarse, ms. */
const COARSE = 2000;

/**
 * The clip that a job made before the server forgot the job.
 *
 * @param {Job} job The job, with its prompt.
 * @param {any[]} clips The clips that there are.
 * @param {Set<string>} taken Keys of the clips of other jobs.
 * @param {number} since When it began, by the server's clock, ms.
 * @returns {{clip: Ref, modified: number} | null} The file, and when it was written.
 */
export function clipOfJob(job, clips, taken, since) {
  const wanted = { settings: settingsOf(job.prompt), files: filesOf(job.prompt), kind: job.kind };
  const same = clips.filter(
    (clip) => clip.modified >= since - COARSE && !taken.has(keyOf(clip)) && agree(wanted, clip),
  );
  // The oldest: one made after it belongs to a later job of the same settings.
  const first = same.sort((a, b) => a.modified - b.modified)[0];
  if (!first) return null;
  const { filename, subfolder, type, modified } = first;
  return { clip: { filename, subfolder, type }, modified };
}

/**
 * @param {{settings: Record<string, any>, files: Ref[], kind: string}} wanted
 * @param {any} clip
 */
function agree({ settings, files, kind }, clip) {
  const made = clip.settings ?? {};
  const known = kind !== "other" && clip.kind !== undefined;
  if (known && clip.kind !== kind) return false;
  const names = Object.keys(settings).filter((name) => made[name] !== undefined);
  if (!names.every((name) => same(settings[name], made[name]))) return false;
  const keys = files.map(keyOf);
  const sources = [made.image, made.next].filter((name) => typeof name === "string");
  if (keys.length && !sources.every((name) => keys.includes(keyOf(refOf(name))))) return false;
  return names.length >= LEAST || (known && WITHOUT_MODEL.has(kind));
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
