// @ts-check
/** URLs of clips' posters. */

/** @typedef {import("./host.mjs").Host} Host */

/**
 * The URL of a clip's first frame, scaled down. With `modified`, it changes when the file does.
 *
 * @param {Host} host
 * @param {import("./file_ref.mjs").Ref & {modified?: number}} clip
 */
export function posterURL(host, { filename, subfolder, type, modified }) {
  const query = new URLSearchParams({ filename, subfolder, type });
  if (modified) query.set("v", String(modified));
  return host.url(`/wanderlens/poster?${query}`);
}
