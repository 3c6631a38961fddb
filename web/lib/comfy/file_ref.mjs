// @ts-check
/** How ComfyUI names a file in its folders. */

/**
 * @typedef {object} Ref
 * @property {string} filename Name without folders.
 * @property {string} subfolder Folder below the root, "" for none, "/" between parts.
 * @property {"input" | "output" | "temp"} type Which of ComfyUI's folders.
 */

/** Names of pictures, moving ones too, and of clips that are videos. */
export const PICTURE = /\.(?:png|jpe?g|jfif|webp|avif|apng|gif|bmp|tiff?)$/i;
export const VIDEO = /\.(?:mp4|webm|mov|mkv|m4v|avi)$/i;

/**
 * How a clip is shown, and whether ComfyUI loads it as one: a moving picture it does not.
 *
 * @param {{filename: string}} file
 * @returns {"video" | "picture"}
 */
export function mediaOf({ filename }) {
  return VIDEO.test(filename) ? "video" : "picture";
}

/** @type {Ref["type"][]} */
const TYPES = ["input", "output", "temp"];

/**
 * A file's name as the loaders take it.
 *
 * @param {Ref} ref The file.
 * @returns {string} Such as "video/clip.mp4 [output]"; the input folder goes without its name.
 */
export function annotated({ filename, subfolder, type }) {
  const path = subfolder ? `${subfolder}/${filename}` : filename;
  return type === "input" ? path : `${path} [${type}]`;
}

/**
 * The file that a loader's widget names.
 *
 * @param {string} name Such as "video/clip.mp4 [output]".
 * @returns {Ref} The file; of the input folder where none is named.
 */
export function refOf(name) {
  // By hand: an expression would take for ever on a long run of blanks.
  const whole = name.trimEnd();
  const type = TYPES.find((each) => whole.endsWith(`[${each}]`));
  const path = type ? whole.slice(0, -`[${type}]`.length).trimEnd() : whole;
  const parts = path.replaceAll("\\", "/").split("/");
  const filename = parts.pop() ?? "";
  return { filename, subfolder: parts.join("/"), type: type ?? "input" };
}

/**
 * The file behind an address of ComfyUI's `/view`.
 *
 * @param {string} url The address.
 * @param {string} origin The page's own.
 * @returns {Ref | null} Null for any other address, also for that of another ComfyUI.
 */
export function refOfURL(url, origin) {
  let address;
  try {
    address = new URL(url, origin);
  } catch {
    return null;
  }
  if (address.origin !== origin) return null;
  const filename = address.searchParams.get("filename");
  if (!filename || !address.pathname.endsWith("/view")) return null;
  const type = address.searchParams.get("type") ?? "output";
  if (type !== "input" && type !== "output" && type !== "temp") return null;
  return { filename, subfolder: address.searchParams.get("subfolder") ?? "", type };
}

/**
 * A key that tells files apart.
 *
 * @param {Ref} ref The file.
 */
export function keyOf({ filename, subfolder, type }) {
  return `${type}/${subfolder}/${filename}`;
}
