// @ts-check
/** What is typed into a field that searches, and what it is compared with. */

/**
 * @param {string} text
 * @returns {string} Without capitals and accents.
 */
export function folded(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/**
 * @param {string} query What is looked for.
 * @returns {string[]} The words that must all occur in a folded text.
 */
export function wordsOf(query) {
  return folded(query).split(/\s+/).filter(Boolean);
}
