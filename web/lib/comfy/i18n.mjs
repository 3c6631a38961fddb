// @ts-check
/** The page's texts in the language that ComfyUI is set to, English where a text is missing. */

/**
 * Puts values into a text.
 *
 * @param {string} text Such as "{done} of {total}".
 * @param {Record<string, string | number>} values By name; a name without a value stays as it is.
 */
export function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );
}

/**
 * The text of a key.
 *
 * @param {any} tree Texts by name, nested.
 * @param {string} key Such as "convert.title".
 * @returns {string | null} Null where there is none.
 */
export function textAt(tree, key) {
  let at = tree;
  for (const part of key.split(".")) {
    at = at !== null && typeof at === "object" && Object.hasOwn(at, part) ? at[part] : null;
  }
  return typeof at === "string" ? at : null;
}

export class Texts {
  /**
   * @param {any} translations What ComfyUI's `/i18n` gives: texts of all packs by language.
   * @param {string} language Such as "de" or "zh-TW".
   */
  constructor(translations, language) {
    const tree = (/** @type {string} */ code) => translations?.[code]?.wanderlens;
    this._trees = [tree(language), tree(language.split("-")[0]), tree("en")];
    /** For numbers and dates. */
    this.language = language;
  }

  /**
   * @param {string} key Such as "convert.title".
   * @param {Record<string, string | number>} [values] Put in for {names}.
   * @returns {string} The text; the key itself where no language has it.
   */
  t(key, values = {}) {
    for (const tree of this._trees) {
      const text = textAt(tree, key);
      if (text !== null) return filled(text, values);
    }
    return key;
  }
}
