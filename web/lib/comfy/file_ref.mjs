// @ts-check
/** References to files in ComfyUI's folders, and the ways ComfyUI writes them. */

/**
 * @typedef {object} Ref
 * @property {string} filename Name without folders.
 * @property {string} subfolder Folder below the root, "" for none, "/" between parts.
 * @property {"input" | "output" | "temp"} type Which of ComfyUI's folders.
 */

/** File names of images, animated ones included, and of videos. */
export const PICTURE = /\.(?:png|jpe?g|jfif|webp|avif|apng|gif|bmp|tiff?)$/i;
export const VIDEO = /\.(?:mp4|webm|mov|mkv|m4v|avi)$/i;

/**
 * Whether a clip is a video or an animated image, which ComfyUI cannot load as a video.
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
 * A file's name in the form that loader nodes take.
 *
 * @param {Ref} ref The file.
 * @returns {string} Such as "video/clip.mp4 [output]"; files of the input folder have no suffix.
 */
export function annotated({ filename, subfolder, type }) {
  const path = subfolder ? `${subfolder}/${filename}` : filename;
  return type === "input" ? path : `${path} [${type}]`;
}

/**
 * The file that a loader node's widget names.
 *
 * @param {string} name Such as "video/clip.mp4 [output]".
 * @returns {Ref} In the input folder where the name has no suffix.
 */
export function refOf(name) {
  // Without a regular expression, which would backtrack on a long run of blanks.
  const whole = name.trimEnd();
  const type = TYPES.find((each) => whole.endsWith(`[${each}]`));
  const path = type ? whole.slice(0, -`[${type}]`.length).trimEnd() : whole;
  const parts = path.replaceAll("\\", "/").split("/");
  const filename = parts.pop() ?? "";
  return { filename, subfolder: parts.join("/"), type: type ?? "input" };
}

/**
 * The file behind a URL of ComfyUI's `/view`.
 *
 * @param {string} url
 * @param {string} origin The page's own.
 * @returns {Ref | null} Null for any other URL, also of another ComfyUI.
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
 * A key that identifies a file.
 *
 * @param {Ref} ref The file.
 */
export function keyOf({ filename, subfolder, type }) {
  return `${type}/${subfolder}/${filename}`;
}
