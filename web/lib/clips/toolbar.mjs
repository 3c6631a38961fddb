// @ts-check
/** The toolbar of the gallery: search, filters and order. */
import { element, freshId } from "../ui/dom.mjs";
import { iconButton } from "../ui/buttons.mjs";
import { KINDS, LOOPS, ORDERS } from "./select.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("./select.mjs").Query} Query */

/** Milliseconds after the last key before the search runs. */
const PAUSE = 120;

/**
 * @param {Host} host
 * @param {Query} query The initial one.
 * @param {(query: Query) => void} onQuery
 * @param {() => void} onReload
 * @returns {{element: HTMLElement, setQuery: (query: Query) => void, focus: () => void}}
 */
export function clipsToolbar(host, query, onQuery, onReload) {
  const { page } = host;
  let current = query;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const change = (/** @type {Partial<Query>} */ part) => {
    clearTimeout(timer);
    current = { ...current, ...part };
    show();
    onQuery(current);
  };

  const search = element(page, "input.wl-input", {
    type: "search",
    id: freshId("clips-search"),
    placeholder: host.t("clips.search_placeholder"),
    autocomplete: "off",
    oninput: () => {
      clearTimeout(timer);
      timer = setTimeout(() => change({ text: search.value }), PAUSE);
    },
  });
  const menu = (
    /** @type {string} */ key,
    /** @type {[string, string][]} */ options,
    /** @type {(value: string) => void} */ onChoose,
  ) =>
    element(
      page,
      "select.wl-input",
      {
        "aria-label": host.t(key),
        title: host.t(key),
        onchange: (/** @type {any} */ event) => onChoose(event.target.value),
      },
      options.map(([value, text]) => element(page, "option", { value }, text)),
    );
  const order = menu(
    "clips.sort",
    ORDERS.map((each) => [each, host.t(`clips.order.${each}`)]),
    (value) => change({ order: /** @type {any} */ (value) }),
  );
  const kind = menu(
    "clips.kinds",
    [["", host.t("clips.all_kinds")], .../** @type {[string, string][]} */ (
      KINDS.map((each) => [each, host.t(`clips.kind.${each}`)])
    )],
    (value) => change({ kind: value }),
  );
  const favourites = iconButton(page, "star", host.t("clips.only_favourites"), () =>
    change({ favourites: !current.favourites }),
  );
  const loops = element(
    page,
    "button.wl-button.wl-button--icon.wl-clips-loops",
    {
      type: "button",
      title: host.t("clips.only_loops"),
      "aria-label": host.t("clips.only_loops"),
      onclick: () => change({ loops: !current.loops }),
    },
    LOOPS,
  );
  const reload = iconButton(page, "refresh", host.t("clips.reload"), onReload);

  const show = () => {
    if (search.value !== current.text) search.value = current.text;
    order.value = current.order;
    kind.value = current.kind;
    favourites.setAttribute("aria-pressed", String(current.favourites));
    loops.setAttribute("aria-pressed", String(current.loops));
  };
  show();
  const label = element(
    page,
    "label.wl-visually-hidden",
    { for: search.id },
    host.t("clips.search"),
  );
  return {
    element: element(
      page,
      "div.wl-clips-toolbar",
      { role: "search", "aria-label": host.t("clips.find") },
      element(page, "div.wl-clips-search", {}, label, search, reload),
      element(page, "div.wl-clips-filters", {}, order, kind, favourites, loops),
    ),
    setQuery: (next) => {
      current = next;
      show();
    },
    focus: () => search.focus(),
  };
}
