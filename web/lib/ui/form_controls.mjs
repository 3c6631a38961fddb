// @ts-check
/** Form controls: each shows a value, reports changes and shows an error. */
import { element, freshId } from "./dom.mjs";

/**
 * @typedef {object} Control
 * @property {HTMLElement} element
 * @property {(value: any) => void} set
 * @property {(message: string) => void} fail Shows an error; "" for none.
 * @property {() => void} focus
 */

/** @typedef {{value: any, label: string, hint?: string}} Choice */

/**
 * A label, a control, and below it a hint and an error.
 *
 * @param {Document} page
 * @param {{label: string, hint?: string, id: string, group?: boolean}} texts `group` labels a group
 *   instead of a single control.
 * @param {...any} children
 */
function framed(page, { label, hint, id, group }, ...children) {
  const error = element(page, "p.wl-error.wl-form-error", { id: `${id}-error`, role: "alert" });
  const name = group
    ? element(page, "span.wl-label", { id: `${id}-label` }, label)
    : element(page, "label.wl-label", { for: id }, label);
  const about = hint && element(page, "p.wl-muted.wl-form-hint", { id: `${id}-hint` }, hint);
  const frame = element(page, "div.wl-field", {}, name, children, about, error);
  return { frame, error };
}

/**
 * @param {HTMLElement} error
 * @param {Element} input
 */
function failing(error, input) {
  return (/** @type {string} */ message) => {
    if (error.textContent !== message) error.textContent = message;
    if (message) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  };
}

/**
 * @param {string} id
 * @param {string} [hint]
 */
function described(id, hint) {
  return hint ? `${id}-hint ${id}-error` : `${id}-error`;
}

/**
 * A text of several lines.
 *
 * @param {Document} page
 * @param {{label: string, hint?: string, placeholder?: string, rows?: number,
 *   onInput: (value: string) => void}} options
 * @returns {Control & {input: HTMLTextAreaElement}}
 */
export function textArea(page, { label, hint, placeholder = "", rows = 3, onInput }) {
  const id = freshId("text");
  const input = element(page, "textarea.wl-input.wl-form-text", {
    id, rows, placeholder, maxlength: 20_000, spellcheck: "true",
    "aria-describedby": described(id, hint), oninput: () => onInput(input.value),
  });
  const { frame, error } = framed(page, { label, hint, id }, input);
  return {
    element: frame,
    input,
    set: (value) => {
      if (input.value !== value) input.value = value; // setting it would move the caret
    },
    fail: failing(error, input),
    focus: () => input.focus(),
  };
}

/**
 * A menu.
 *
 * @param {Document} page
 * @param {{label: string, hint?: string, choices: Choice[], onChange: (value: string) => void}
 *   } options
 * @returns {Control & {setChoices: (choices: Choice[]) => void}}
 */
export function menu(page, { label, hint, choices, onChange }) {
  const id = freshId("menu");
  const select = element(page, "select.wl-input", {
    id, "aria-describedby": described(id, hint), onchange: () => onChange(select.value),
  });
  let shown = "";
  const set = (/** @type {string} */ value) => {
    shown = value;
    const known = [...select.options].some((option) => option.value === value);
    // A value may no longer be among the choices; it is shown all the same.
    if (!known) select.append(element(page, "option", { value }, value));
    select.value = value;
  };
  const setChoices = (/** @type {Choice[]} */ next) => {
    select.replaceChildren(...next.map(({ value, label: name }) =>
      element(page, "option", { value }, name)));
    if (shown) set(shown);
  };
  setChoices(choices);
  const { frame, error } = framed(page, { label, hint, id }, select);
  return {
    element: frame, set, setChoices, fail: failing(error, select), focus: () => select.focus(),
  };
}

/**
 * A few choices side by side.
 *
 * @param {Document} page
 * @param {{label: string, choices: Choice[], onChange: (value: any) => void}} options
 * @returns {Control & {setOff: (values: any[], reason: string) => void}} `setOff` disables
 *   choices and gives the reason.
 */
export function choice(page, { label, choices, onChange }) {
  const id = freshId("choice");
  const inputs = choices.map(({ value }, index) => element(page, "input", {
    type: "radio", name: id, value: String(index), onchange: () => onChange(value),
  }));
  const labels = choices.map(({ label: name, hint }, index) => element(
    page, "label.wl-choice", {},
    inputs[index],
    element(page, "span", {}, name, hint && element(page, "small", {}, hint)),
  ));
  const group = element(page, "div.wl-choices", {
    role: "radiogroup", "aria-labelledby": `${id}-label`, "aria-describedby": `${id}-error`,
  }, labels);
  const { frame, error } = framed(page, { label, id, group: true }, group);
  return {
    element: frame,
    set: (value) => inputs.forEach((input, index) => {
      input.checked = choices[index].value === value;
    }),
    setOff: (values, reason) => inputs.forEach((input, index) => {
      const off = values.includes(choices[index].value);
      input.disabled = off;
      labels[index].title = off ? reason : "";
    }),
    fail: failing(error, group),
    focus: () => (inputs.find((input) => input.checked) ?? inputs[0]).focus(),
  };
}

/**
 * A switch.
 *
 * @param {Document} page
 * @param {{label: string, hint?: string, onChange: (on: boolean) => void}} options
 * @returns {Control}
 */
export function toggle(page, { label, hint, onChange }) {
  const id = freshId("switch");
  const input = element(page, "input.wl-switch", {
    id, type: "checkbox", role: "switch", "aria-describedby": described(id, hint),
    onchange: () => onChange(input.checked),
  });
  const error = element(page, "p.wl-error.wl-form-error", { id: `${id}-error`, role: "alert" });
  const about = hint && element(page, "span.wl-muted.wl-form-hint", { id: `${id}-hint` }, hint);
  const frame = element(
    page, "div.wl-toggle", {},
    element(page, "label", {}, input, element(page, "span", {}, label, about)),
    error,
  );
  return {
    element: frame,
    set: (value) => {
      input.checked = value;
    },
    fail: failing(error, input),
    focus: () => input.focus(),
  };
}

/**
 * A number: a slider for its usual range, and an input for its whole range.
 *
 * @param {Document} page
 * @param {{label: string, hint?: string, unit?: string, min: number, max: number, step: number,
 *   most?: number, onInput: (value: number) => void}} options The slider ends at `most`.
 * @returns {Control}
 */
export function slider(page, { label, hint, unit, min, max, step, most = max, onInput }) {
  const id = freshId("number");
  const box = element(page, "input.wl-input.wl-form-number", {
    id, type: "number", min, max, step, inputmode: "decimal", autocomplete: "off",
    "aria-describedby": described(id, hint),
    oninput: () => take(box.valueAsNumber),
  });
  const range = element(page, "input.wl-range", {
    type: "range", min, max: most, step, "aria-label": label, tabindex: "-1",
    oninput: () => take(range.valueAsNumber),
  });
  const take = (/** @type {number} */ value) => {
    show(value, range.ownerDocument.activeElement === box ? box : null);
    onInput(value);
  };
  const show = (/** @type {number} */ value, /** @type {Element | null} */ typing = null) => {
    if (box !== typing && box.valueAsNumber !== value) {
      box.value = Number.isFinite(value) ? String(value) : "";
    }
    range.value = String(value);
    const part = (Math.min(value, most) - min) / (most - min);
    range.style.setProperty("--wl-range", `${Math.max(part || 0, 0) * 100}%`);
  };
  const { frame, error } = framed(
    page, { label, hint, id },
    element(page, "div.wl-form-row", {}, range, box,
      unit && element(page, "span.wl-muted", { "aria-hidden": "true" }, unit)),
  );
  return {
    element: frame,
    set: (value) => show(value, box.ownerDocument.activeElement === box ? box : null),
    fail: failing(error, box),
    focus: () => box.focus(),
  };
}

/**
 * An integer with a button that draws another one.
 *
 * @param {Document} page
 * @param {{label: string, draw: string, max: number, onInput: (value: number) => void,
 *   onDraw: () => void}} options `draw` is the button's label.
 * @returns {Control}
 */
export function seedBox(page, { label, draw, max, onInput, onDraw }) {
  const id = freshId("seed");
  const input = element(page, "input.wl-input", {
    id, type: "number", min: 0, max, step: 1, inputmode: "numeric", autocomplete: "off",
    "aria-describedby": described(id), oninput: () => onInput(input.valueAsNumber),
  });
  const another = element(page, "button.wl-button.wl-button--icon", {
    type: "button", title: draw, "aria-label": draw, onclick: onDraw,
  }, dice(page));
  const { frame, error } = framed(
    page, { label, id }, element(page, "div.wl-form-row", {}, input, another),
  );
  return {
    element: frame,
    set: (value) => {
      if (input.valueAsNumber !== value) input.value = Number.isFinite(value) ? String(value) : "";
    },
    fail: failing(error, input),
    focus: () => input.focus(),
  };
}

/**
 * The icon of a die, which PrimeIcons lack.
 *
 * @param {Document} page
 */
function dice(page) {
  const svg = (/** @type {string} */ tag, /** @type {Record<string, any>} */ attributes) => {
    const node = page.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
    return node;
  };
  const icon = svg("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" });
  icon.append(svg("rect", {
    x: 2, y: 2, width: 12, height: 12, rx: 2.5, fill: "none", stroke: "currentColor",
    "stroke-width": 1.3,
  }));
  for (const [cx, cy] of [[5.3, 5.3], [8, 8], [10.7, 10.7], [10.7, 5.3], [5.3, 10.7]]) {
    icon.append(svg("circle", { cx, cy, r: 1, fill: "currentColor" }));
  }
  return icon;
}

/**
 * A part of the form that can be collapsed.
 *
 * @param {Document} page
 * @param {{title: string, open?: boolean, onToggle?: (open: boolean) => void}} options
 * @param {...any} children
 * @returns {{element: HTMLDetailsElement, setState: (text: string, bad?: boolean) => void}}
 *   `setState` sets the text beside the title.
 */
export function section(page, { title, open = false, onToggle }, ...children) {
  const state = element(page, "span.wl-section-state");
  const details = element(
    page, "details.wl-section", { open, ontoggle: () => onToggle?.(details.open) },
    element(page, "summary", {}, element(page, "span.wl-section-title", {}, title), state),
    element(page, "div.wl-section-body", {}, children),
  );
  return {
    element: details,
    setState: (text, bad = false) => {
      if (state.textContent !== text) state.textContent = text;
      state.classList.toggle("wl-error", bad);
    },
  };
}
