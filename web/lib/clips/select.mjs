// @ts-check
/** The query of the gallery: which clips are shown, and in what order. */
import { folded, wordsOf } from "../ui/text.mjs";

/** @typedef {import("./store.mjs").Clip} Clip */

/** @typedef {"newest" | "oldest" | "longest" | "name"} Order */

/**
 * @typedef {object} Query
 * @property {string} text Words that must all occur in prompt, preset or name.
 * @property {Order} order
 * @property {boolean} favourites Only favourites.
 * @property {boolean} loops Only loops.
 * @property {string} kind Only clips of this kind; "" for all.
 */

/** @type {Order[]} */
export const ORDERS = ["newest", "oldest", "longest", "name"];

/** How a clip can have been made. */
export const KINDS = ["convert", "extend", "bridge", "combine", "loop", "other"];

/** The sign of loops. */
export const LOOPS = "∞";

/** @type {Query} */
export const EVERYTHING = { text: "", order: "newest", favourites: false, loops: false, kind: "" };

/**
 * A key that identifies a clip; all are in the output folder.
 *
 * @param {{filename: string, subfolder: string}} clip
 */
export function clipKey({ filename, subfolder }) {
  return subfolder ? `${subfolder}/${filename}` : filename;
}

/**
 * Whether a clip was made to repeat.
 *
 * @param {Partial<Clip>} clip
 */
export function isLoop({ kind, settings }) {
  return kind === "loop" || settings?.loop === true;
}

/**
 * Whether the query can leave clips out.
 *
 * @param {Query} query
 */
export function isFiltered({ text, favourites, loops, kind }) {
  return Boolean(text.trim()) || favourites || loops || Boolean(kind);
}

/**
 * The clips that match a query, in its order.
 *
 * @param {readonly Clip[]} clips
 * @param {Query} query
 * @param {ReadonlySet<string>} favourites Keys of the favourites.
 * @returns {Clip[]}
 */
export function filterClips(clips, query, favourites) {
  const words = wordsOf(query.text);
  const matching = clips.filter(
    (clip) =>
      (!query.favourites || favourites.has(clipKey(clip)))
      && (!query.loops || isLoop(clip))
      && (!query.kind || clip.kind === query.kind)
      && (!words.length || containsWords(clip, words)),
  );
  return matching.sort(COMPARE[query.order] ?? COMPARE.newest);
}

const names = new Intl.Collator(undefined, { numeric: true });

/** @type {Record<Order, (a: Clip, b: Clip) => number>} */
const COMPARE = {
  newest: (a, b) => b.modified - a.modified || byName(a, b),
  oldest: (a, b) => a.modified - b.modified || byName(a, b),
  longest: (a, b) => b.seconds - a.seconds || byName(a, b),
  name: byName,
};

/**
 * @param {Clip} a
 * @param {Clip} b
 */
function byName(a, b) {
  return names.compare(a.filename, b.filename) || names.compare(a.subfolder, b.subfolder);
}

/** @type {WeakMap<Clip, string>} The folded text of each clip that is searched. */
const searched = new WeakMap();

/**
 * @param {Clip} clip
 * @param {string[]} words
 */
function containsWords(clip, words) {
  let text = searched.get(clip);
  if (text === undefined) {
    text = folded([clip.prompt, clip.preset, clipKey(clip)].join("\n"));
    searched.set(clip, text);
  }
  return words.every((word) => text.includes(word));
}
