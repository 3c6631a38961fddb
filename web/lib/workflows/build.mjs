// @ts-check
/** Asks the server for the bundled workflows, filled with the values of the form. */
import { shotOf } from "./values.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("../comfy/file_ref.mjs").Ref} Ref */
/** @typedef {import("../convert/form.mjs").FormValues} FormValues */
/** @typedef {"convert" | "extend" | "bridge" | "loop" | "combine"} Kind */

/**
 * @typedef {object} Built
 * @property {Record<string, {class_type: string, inputs: Record<string, any>, _meta?: any}>} prompt
 *   What is queued: the API form.
 * @property {any} workflow What is opened and what the files keep: the editor form.
 * @property {string} title Short, for people.
 * @property {Kind} kind
 */

const ROUTE = "/wanderlens/workflow";

/**
 * A clip from a picture.
 *
 * @param {Host} host
 * @param {FormValues} values
 * @param {Ref} picture
 * @returns {Promise<Built>}
 */
export function convertWorkflow(host, values, picture) {
  return host.postJson(ROUTE, { kind: "convert", values: shotOf(values), picture });
}

/**
 * A clip that becomes longer.
 *
 * @param {Host} host
 * @param {FormValues} values `duration` is what is added, `loop` leads back to the start.
 * @param {Ref} clip
 * @returns {Promise<Built>}
 */
export function extendWorkflow(host, values, clip) {
  return host.postJson(ROUTE, { kind: "extend", values: shotOf(values), clip });
}

/**
 * Two clips that become one; the A14B makes what lies between them.
 *
 * @param {Host} host
 * @param {FormValues} values `duration` is the length of what is made between them.
 * @param {Ref} clip
 * @param {Ref} next
 * @returns {Promise<Built>}
 */
export function bridgeWorkflow(host, values, clip, next) {
  const shot = shotOf({ ...values, family: "a14b" });
  return host.postJson(ROUTE, { kind: "bridge", values: shot, clip, next });
}

/**
 * A clip that repeats without a visible seam; needs no models.
 *
 * @param {Host} host
 * @param {Ref} clip
 * @returns {Promise<Built>}
 */
export function loopWorkflow(host, clip) {
  return host.postJson(ROUTE, { kind: "loop", clip });
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
  const texts = {
    note_title: host.t("workflows.combine_note_title"),
    note: host.t("workflows.combine_note"),
    join: host.t("workflows.join"),
    video: host.t("workflows.video"),
  };
  return host.postJson(ROUTE, { kind: "combine", clips, texts });
}
