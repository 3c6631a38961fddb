// @ts-check
/** The values that a workflow is filled with, from those of the form. */

/** @typedef {import("../convert/form.mjs").FormValues} FormValues */

/**
 * What is made: a draft is small and fast whatever is chosen for the final, and the 5B has no fast
 * setting.
 *
 * @param {FormValues} values
 * @returns {FormValues}
 */
export function shotOf(values) {
  const shot = { ...values };
  if (values.draft) Object.assign(shot, { resolution: "480p", quality: "fast" });
  if (shot.family === "5b" && shot.quality === "fast") shot.quality = "standard";
  return shot;
}

/**
 * The final of a draft: the same seed, the chosen resolution and quality.
 *
 * @param {FormValues} values
 * @returns {FormValues}
 */
export function finalOf(values) {
  return { ...values, draft: false };
}
