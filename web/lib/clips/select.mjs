// @ts-check
/** Which clips are shown, and in what order. */
import { folded, wordsOf } from "../ui/text.mjs";

/** @typedef {import("./store.mjs").Clip} Clip */

/** @typedef {"newest" | "oldest" | "longest" | "name"} Order */

/**
 * @typedef {object} Query What is asked for.
 * @property {string} text Words that must all occur in prompt, preset or name.
 * @property {Order} order
 * @property {boolean} favourites Only these.
 * @property {boolean} loops Only these.
 * @property {string} kind Only clips made so; "" for all.
 */

/** @type {Order[]} */
export const ORDERS = ["newest", "oldest", "longest", "name"];

/** How a clip may have been made. */
export const KINDS = ["convert", "extend", "bridge", "combine", "loop", "other"];

/** What stands for loops. */
export const LOOPS = "∞";

/** @type {Query} */
export const EVERYTHING = { text: "", order: "newest", favourites: false, loops: false, kind: "" };

/**
 * A key that tells our clips apart; they all lie in the output folder.
 *
 * @param {{filename: string, subfolder: string}} clip
 */
export function clipKey({ filename, subfolder }) {
  return subfolder ? `${subfolder}/${filename}` : filename;
}

/**
 * Whether a clip is meant to be repeated.
 *
 * @param {Partial<Clip>} clip
 */
export function isLoop({ kind, settings }) {
  return kind === "loop" || settings?.loop === true;
}

/**
 * Whether the query leaves out anything.
 *
 * @param {Query} query
 */
export function isNarrow({ text, favourites, loops, kind }) {
  return Boolean(text.trim()) || favourites || loops || Boolean(kind);
}

/**
 * The clips that a query asks for, in its order.
 *
 * @param {readonly Clip[]} clips
 * @param {Query} query
 * @param {ReadonlySet<string>} favourites Keys of the favourites.
 * @returns {Clip[]}
 */
export function selected(clips, query, favourites) {
  const words = wordsOf(query.text);
  const found = clips.filter(
    (clip) =>
      (!query.favourites || favourites.has(clipKey(clip)))
      && (!query.loops || isLoop(clip))
      && (!query.kind || clip.kind === query.kind)
      && (!words.length || holds(clip, words)),
  );
  return found.sort(COMPARE[query.order] ?? COMPARE.newest);
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

/** @type {WeakMap<Clip, string>} What is searched of each clip. */
const searched = new WeakMap();

/**
 * @param {Clip} clip
 * @param {string[]} words
 */
function holds(clip, words) {
  let text = searched.get(clip);
  if (text === undefined) {
    text = folded([clip.prompt, clip.preset, clipKey(clip)].join("\n"));
    searched.set(clip, text);
  }
  return words.every((word) => text.includes(word));
}
