// @ts-check
/** The first frames of clips. */

/** @typedef {import("./host.mjs").Host} Host */

/**
 * The address of a clip's first frame, small; another one when the clip is another, where it is
 * known when the clip was written.
 *
 * @param {Host} host
 * @param {import("./file_ref.mjs").Ref & {modified?: number}} clip
 */
export function posterURL(host, { filename, subfolder, type, modified }) {
  const query = new URLSearchParams({ filename, subfolder, type });
  if (modified) query.set("v", String(modified));
  return host.url(`/wanderlens/poster?${query}`);
}
