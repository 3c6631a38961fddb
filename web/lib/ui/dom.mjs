// @ts-check
/** Creates elements. */

/** @typedef {Node | string | null | undefined | false} Child */

/**
 * Creates an element. Strings become text nodes, never markup.
 *
 * @param {Document} page
 * @param {string} tag Tag name, with classes after dots: "button.wl-button".
 * @param {Record<string, any>} [props] Attributes; a function under "onclick" and the like is a
 *   listener; "dataset" and "style" take objects; true sets an empty attribute; null, undefined and
 *   false set none; value, checked, disabled, indeterminate, muted, srcObject and textContent are
 *   set as properties.
 * @param {...(Child | Child[])} children Falsy ones are left out.
 * @returns {any} The element.
 */
export function element(page, tag, props = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const node = page.createElement(name);
  if (classes.length) node.classList.add(...classes);
  for (const [key, value] of Object.entries(props)) setProp(node, key, value);
  append(node, ...children);
  return node;
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
 * @param {any} node
 * @param {string} key
 * @param {any} value
 */
function setProp(node, key, value) {
  if (typeof value === "function" && key.startsWith("on")) {
    node.addEventListener(key.slice(2), value);
  } else if (key === "dataset" || key === "style") {
    Object.assign(node[key], value);
  } else if (PROPERTIES.has(key)) {
    node[key] = value;
  } else if (value !== null && value !== undefined && value !== false) {
    node.setAttribute(key, value === true ? "" : String(value));
  }
}

/**
 * @param {Element} parent
 * @param {...(Child | Child[])} children Falsy ones are left out.
 */
export function append(parent, ...children) {
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== false) parent.append(child);
  }
}

let last = 0;

/**
 * A unique id for an element, such as one that a label refers to.
 *
 * @param {string} name Part of the id.
 */
export function freshId(name) {
  last += 1;
  return `wl-${name}-${last}`;
}
