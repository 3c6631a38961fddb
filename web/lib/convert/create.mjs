// @ts-check
/** Queues the form's clip, or opens its workflow in a new tab. */
import { inputCopy } from "../comfy/node_media.mjs";
import { bridgeWorkflow, convertWorkflow, extendWorkflow } from "../workflows/build.mjs";
import { finalOf } from "../workflows/values.mjs";

/** @typedef {import("../extension.mjs").Context} Context */
/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("../comfy/file_ref.mjs").Ref} Ref */
/** @typedef {import("../workflows/build.mjs").Built} Built */
/** @typedef {import("./form.mjs").FormValues} FormValues */
/** @typedef {import("./form.mjs").Mode} Mode */

/**
 * @typedef {object} Source What the clip starts from.
 * @property {Ref | null} [picture] In mode "convert".
 * @property {Ref | null} [clip] In modes "extend" and "bridge".
 * @property {Ref | null} [next] In mode "bridge".
 */

/**
 * @param {Host} host
 * @param {Mode} mode
 * @param {FormValues} values
 * @param {Source} source
 * @returns {Promise<{built: Built, picture: Ref}>} The workflow, and its thumbnail in lists.
 */
export async function build(host, mode, values, { picture, clip, next }) {
  if (mode === "convert" && picture) {
    const kept = await inputCopy(host, picture); // small, and the saved workflow keeps working
    return { built: await convertWorkflow(host, values, kept), picture: kept };
  }
  if (mode === "extend" && clip) {
    return { built: await extendWorkflow(host, values, clip), picture: clip };
  }
  if (mode === "bridge" && clip && next) {
    return { built: await bridgeWorkflow(host, values, clip, next), picture: clip };
  }
  throw new Error(host.t(mode === "convert" ? "convert.no_picture" : "convert.no_clip"));
}

/**
 * Queues a clip, whatever graph is on the canvas.
 *
 * @param {Context} context
 * @param {Mode} mode
 * @param {FormValues} values
 * @param {Source} source
 * @param {{estimate?: any, signal?: AbortSignal}} [options] The estimate of `/wanderlens/plan`; and
 *   a signal that cancels it until it is sent.
 * @returns {Promise<string | null>} The job's id; null where it was cancelled.
 */
export async function create({ host, jobs }, mode, values, source, options = {}) {
  const { estimate = null, signal } = options;
  const { built, picture } = await build(host, mode, values, source);
  if (signal?.aborted) return null;
  return jobs.submit({ ...built, values, picture, estimate });
}

/**
 * Queues the final of a draft: the same seed, with the chosen resolution and quality.
 *
 * @param {Context} context
 * @param {{values: FormValues, picture: Ref}} draft Its job.
 */
export function createFinal(context, { values, picture }) {
  return create(context, "convert", finalOf(values), { picture });
}

/**
 * Opens the workflow in a new tab.
 *
 * @param {Host} host
 * @param {Mode} mode
 * @param {FormValues} values
 * @param {Source} source
 * @param {AbortSignal} [signal] Cancels it until it is opened.
 */
export async function openAsGraph(host, mode, values, source, signal) {
  const shown = async (/** @type {Ref | null | undefined} */ clip) =>
    clip ? inputCopy(host, clip).catch(() => clip) : clip; // too large: stays where it is
  const [clip, next] = await Promise.all([shown(source.clip), shown(source.next)]);
  const { built } = await build(host, mode, values, { ...source, clip, next });
  if (signal?.aborted) return;
  // A name with "/" would be a folder, and one with ":" no file name everywhere.
  const name = built.title.replaceAll(/[\\/:*?"<>|]+/g, " ").replaceAll(/\s+/g, " ").trim();
  await host.app.loadGraphData(built.workflow, true, true, name);
}
