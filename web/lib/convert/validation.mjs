// @ts-check
/** How the form stands: what is wrong where, and why nothing can be made. */
import { problems } from "./form.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("./form.mjs").FormValues} FormValues */
/** @typedef {import("./form.mjs").Mode} Mode */
/** @typedef {import("./create.mjs").Source} Source */

/** Fields that show what is wrong with them. */
export const SAYING = /** @type {const} */ (
  ["duration", "fps", "loop", "resolution", "quality", "seed", "intensity"]
);

/**
 * @param {Host} host
 * @param {{mode: Mode, values: FormValues, source: Source, refusal: any, uploading?: boolean}
 *   } form `refusal` is what the server said of the plan, if it refused it; `uploading` is whether
 *   another picture is on its way.
 * @returns {{fields: Record<string, string>, unfit: string, refused: string}} What to say at each
 *   field; why there can be no workflow; what was refused and belongs to no field. "" for nothing.
 */
export function standing(host, { mode, values, source, refusal, uploading = false }) {
  const found = problems(values, mode);
  const widget = refusal?.body?.widget;
  const fields = Object.fromEntries(SAYING.map((name) => {
    const problem = found.find(({ field }) => field === name);
    if (problem) return [name, host.t(problem.key, problem.values)];
    return [name, widget === name ? refusal.message : ""];
  }));
  const shown = SAYING.includes(widget);
  const missing = uploading ? host.t("convert.adding") : lacking(host, mode, source);
  return {
    fields,
    unfit: missing || (found.length ? host.t("convert.problem.some") : ""),
    refused: !refusal ? "" : shown ? host.t("convert.problem.some") : refusal.message,
  };
}

/**
 * @param {Host} host
 * @param {Mode} mode
 * @param {Source} source
 */
function lacking(host, mode, { picture, clip, next }) {
  if (mode === "convert") return picture ? "" : host.t("convert.no_picture");
  return clip && (mode === "extend" || next) ? "" : host.t("convert.no_clip");
}
