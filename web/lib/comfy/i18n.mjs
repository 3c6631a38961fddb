// @ts-check
/** Texts and numbers in ComfyUI's language; English where a text is missing. */

/** @type {Map<string, Intl.NumberFormat>} Making one takes longer than using it a hundred times. */
const numberFormats = new Map();

/**
 * @param {{texts: {language: string}}} host
 * @param {number} value
 * @param {number} [digits] Most digits after the decimal point.
 */
export function numberText({ texts: { language } }, value, digits = 0) {
  const key = `${language} ${digits}`;
  let format = numberFormats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(language, { maximumFractionDigits: digits });
    numberFormats.set(key, format);
  }
  return format.format(value);
}

/**
 * Fills the placeholders of a text.
 *
 * @param {string} text Such as "{done} of {total}".
 * @param {Record<string, string | number>} values By name; placeholders without a value stay.
 */
export function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );
}

/**
 * @param {any} tree Nested texts.
 * @param {string} key Such as "convert.title".
 * @returns {string | null} The text of the key; null where there is none.
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
   * @param {any} translations The answer of ComfyUI's `/i18n`: texts of all packs by language.
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
   * @param {Record<string, string | number>} [values] For its {placeholders}.
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
