// @ts-check
/** Text for titles and for searching. */

/**
 * @param {string} text
 * @returns {string} Lower case, without accents, for comparison.
 */
export function folded(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/**
 * @param {string} query
 * @returns {string[]} Its words, folded.
 */
export function wordsOf(query) {
  return folded(query).split(/\s+/).filter(Boolean);
}

/**
 * @param {string} text
 * @param {number} [most] Characters; a longer line ends with an ellipsis.
 * @returns {string} Its first line.
 */
export function firstLine(text, most = Infinity) {
  const line = text.trim().split("\n")[0].trim();
  return line.length > most ? `${line.slice(0, most - 1).trimEnd()}…` : line;
}
