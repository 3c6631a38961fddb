// @ts-check
/** Validates the form: what is wrong with which field, and why nothing can be queued. */
import { problems } from "./form.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("./form.mjs").FormValues} FormValues */
/** @typedef {import("./form.mjs").Mode} Mode */
/** @typedef {import("./create.mjs").Source} Source */

/** Fields that show their own errors. */
export const VALIDATED_FIELDS = /** @type {const} */ (
  ["duration", "fps", "loop", "resolution", "quality", "seed", "intensity"]
);

/**
 * @param {Host} host
 * @param {{mode: Mode, values: FormValues, source: Source, refusal: any, uploading?: boolean}
 *   } form `refusal` is the server's error for the plan, if any; `uploading` is whether another
 *   picture is being uploaded.
 * @returns {{fields: Record<string, string>, unfit: string, refused: string}} Errors by field;
 *   why no workflow can be built; why the server refused what no field shows. "" for none.
 */
export function validate(host, { mode, values, source, refusal, uploading = false }) {
  const invalid = problems(values, mode);
  const widget = refusal?.body?.widget;
  const fields = Object.fromEntries(VALIDATED_FIELDS.map((name) => {
    const problem = invalid.find(({ field }) => field === name);
    if (problem) return [name, host.t(problem.key, problem.values)];
    return [name, widget === name ? refusal.message : ""];
  }));
  const shown = VALIDATED_FIELDS.includes(widget);
  const missing = uploading ? host.t("convert.adding") : lacking(host, mode, source);
  return {
    fields,
    unfit: missing || (invalid.length ? host.t("convert.problem.some") : ""),
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
