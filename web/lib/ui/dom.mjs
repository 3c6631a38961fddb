// @ts-check
/** Elements in one call. */

/** @typedef {Node | string | null | undefined | false} Child */

/**
 * Makes an element. Texts become text, never markup.
 *
 * @param {Document} page The page to make it in.
 * @param {string} tag Its name, with classes after dots: "button.wl-button".
 * @param {Record<string, any>} [props] Attributes; a function under "onclick" and the like listens;
 *   "dataset" and "style" take objects; true sets an empty attribute; null, undefined and false set
 *   none; properties that are no attributes (value, checked, disabled, indeterminate, muted,
 *   srcObject, textContent) are set as such.
 * @param {...(Child | Child[])} children What it holds.
 * @returns {any} The element.
 */
export function element(page, tag, props = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const made = page.createElement(name);
  if (classes.length) made.classList.add(...classes);
  for (const [key, value] of Object.entries(props)) setProp(made, key, value);
  append(made, ...children);
  return made;
}

const PROPERTIES = new Set([
  "checked",
  "disabled",
  "indeterminate",
  "muted",
  "srcObject",
  "textContent",
  "value",
]);

/**
 * @param {any} made
 * @param {string} key
 * @param {any} value
 */
function setProp(made, key, value) {
  if (typeof value === "function" && key.startsWith("on")) {
    made.addEventListener(key.slice(2), value);
  } else if (key === "dataset" || key === "style") {
    Object.assign(made[key], value);
  } else if (PROPERTIES.has(key)) {
    made[key] = value;
  } else if (value !== null && value !== undefined && value !== false) {
    made.setAttribute(key, value === true ? "" : String(value));
  }
}

/**
 * Appends children, leaving out what is none.
 *
 * @param {Element} parent Where to.
 * @param {...(Child | Child[])} children What to append.
 */
export function append(parent, ...children) {
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== false) parent.append(child);
  }
}

let last = 0;

/**
 * An id that no other element has, for labels.
 *
 * @param {string} name What it is for.
 */
export function freshId(name) {
  last += 1;
  return `wl-${name}-${last}`;
}
