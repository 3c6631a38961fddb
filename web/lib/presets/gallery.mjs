// @ts-check
/** The gallery of presets, each animating the user's own still. */
import { element, freshId } from "../ui/dom.mjs";
import { Card } from "./card.mjs";
import { whyEmpty } from "./empty.mjs";
import { matches } from "./fields.mjs";
import { GalleryMessage } from "./gallery_message.mjs";
import { ALL, FAVOURITES, groupName, GroupMenu } from "./group_menu.mjs";
import { GridKeys, reveal } from "./grid_keys.mjs";
import { drawThumbnail } from "./thumbnail.mjs";
import { saveForm } from "./save_form.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("./fields.mjs").Preset} Preset */
/** @typedef {import("./fields.mjs").Fields} Fields */
/** @typedef {import("./store.mjs").PresetStore} PresetStore */

/**
 * @typedef {object} GalleryOptions
 * @property {Host} host
 * @property {PresetStore} presets
 * @property {string | null} [picture] URL of the still that is animated; null for a landscape.
 * @property {string} [value] Id of the preset that is picked; "" for none.
 * @property {(preset: Preset | null) => void} onPick
 * @property {() => Partial<Fields>} [fields] What "Save as preset…" saves; without it there is
 *   no such button.
 * @property {boolean} [compact] For little room: a menu of groups, and only cards that are pointed
 *   at, focused or picked are animated.
 * @property {boolean} [required] What is picked cannot be unpicked.
 */

/**
 * @param {GalleryOptions} options
 * @returns {{element: HTMLElement, setPicture: (url: string | null) => void,
 *   setValue: (id: string) => void, destroy: () => void}}
 */
export function presetGallery(options) {
  const gallery = new Gallery(options);
  return {
    element: gallery.element,
    setPicture: (url) => gallery.setPicture(url),
    setValue: (id) => gallery.setValue(id),
    destroy: () => gallery.destroy(),
  };
}

class Gallery {
  /** @param {GalleryOptions} options */
  constructor(options) {
    const { host, presets, fields, compact = false } = options;
    this.options = options;
    this.host = host;
    this.presets = presets;
    this.make = element.bind(null, host.page);
    this.value = options.value ?? "";
    /** @type {Map<string, Card>} */
    this.cards = new Map();
    /** @type {{element: HTMLElement, cards: Card[]}[]} */
    this.sections = [];
    /** The presets that the cards show. @type {readonly Preset[] | null} */
    this.shown = null;
    /** @type {import("./thumbnail.mjs").Thumbnail | null} */
    this.thumbnail = null;
    /** @type {string | null | undefined} */
    this.url = undefined;
    this.destroyed = false;

    const { make } = this;
    this.search = make("input.wl-input", {
      type: "search",
      placeholder: host.t("presets.search"),
      "aria-label": host.t("presets.search"),
      oninput: () => this.filter(),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.onSearchKey(event),
    });
    this.count = make("span.wl-presets-count.wl-muted", { role: "status" });
    this.groups = new GroupMenu(host, compact, () => this.filter());
    this.list = make("div.wl-presets-list", {
      role: "radiogroup",
      "aria-label": host.t("presets.label"),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.keys.press(event),
    });
    this.empty = make("div.wl-presets-empty");
    this.message = new GalleryMessage(host, presets, {
      onRemoved: (id) => this.value === id && this.pick(id),
      onRestored: (id) => this.cards.get(id)?.pick.focus(),
    });
    // In Vue nodes, only what captures the wheel can scroll.
    this.scroll = make(
      "div.wl-presets-scroll", { "data-capture-wheel": "true" }, this.list, this.empty,
    );
    this.keys = new GridKeys({
      scroll: this.scroll,
      cards: () => this.sections.flatMap((section) => section.cards),
      onStar: (card) => this.message.toggleFavourite(card.preset.id),
      onRemove: (card) => this.message.remove(card.preset.id),
    });
    this.save = fields
      ? saveForm({
          host, presets, fields,
          onSaved: (name) => this.message.showSaved(name),
        })
      : null;
    this.element = make(
      `section.wl.wl-presets${compact ? ".wl-presets--compact" : ""}`,
      { "aria-label": host.t("presets.label") },
      compact
        ? make("div.wl-presets-bar", {}, this.search, this.groups.element, this.count)
        : [make("div.wl-presets-bar", {}, this.search, this.count), this.groups.element],
      this.scroll,
      this.message.element,
      this.save,
    );

    this.onChange = () => this.update();
    presets.addEventListener("change", this.onChange);
    this.setPicture(options.picture ?? null);
    this.update();
    if (!presets.whole) this.load();
  }

  destroy() {
    this.destroyed = true;
    this.presets.removeEventListener("change", this.onChange);
    this.cards.forEach((card) => card.destroy());
    this.cards.clear();
    this.thumbnail?.free();
    this.element.remove();
  }

  load() {
    this.presets.load().catch(() => {}); // the store holds the error and fires "change"
  }

  /** @param {string} id */
  setValue(id) {
    this.value = id;
    this.cards.forEach((card) => card.setPicked(card.preset.id === id));
    const gone = this.presets.loaded && id !== "" && !this.cards.has(id);
    this.message.show(gone ? this.host.t("presets.gone", { id }) : "");
    this.keys.update(this.value);
    this.revealPicked();
  }

  /** Scrolls to what is picked, unless somebody is busy in the list. */
  revealPicked() {
    const card = this.cards.get(this.value);
    if (card && !this.scroll.contains(this.host.page.activeElement)) {
      reveal(card.element, this.scroll);
    }
  }

  /** @param {string | null} url */
  async setPicture(url) {
    if (url === this.url) return;
    this.url = url;
    const { page } = this.host;
    const thumbnail = await drawThumbnail(page, url).catch(() => drawThumbnail(page, null));
    if (this.destroyed || url !== this.url) {
      thumbnail.free();
      return;
    }
    const before = this.thumbnail;
    this.thumbnail = thumbnail;
    this.element.style.setProperty("--wl-preset-aspect", String(thumbnail.aspect));
    this.element.style.setProperty("--wl-preset-picture", `url("${thumbnail.url}")`);
    this.cards.forEach((card) => this.paint(card));
    before?.free();
    this.revealPicked(); // the aspect of the cards moves them
  }

  /** @param {Card} card */
  paint(card) {
    if (this.thumbnail) card.picture.src = this.thumbnail.url;
  }

  /** The store has changed. */
  update() {
    if (this.shown !== this.presets.all()) this.build();
    for (const [id, card] of this.cards) card.setStarred(this.presets.favourites.has(id));
    if (this.save) this.save.hidden = !this.presets.maySave;
    this.filter();
  }

  /** Rebuilds the cards. */
  build() {
    const { host, presets, make } = this;
    const focused = this.keys.focused()?.preset.id;
    this.shown = presets.all();
    this.cards.forEach((card) => card.destroy());
    this.cards.clear();
    this.groups.offer(presets);
    this.sections = presets.groups.map((group) => {
      const headingId = freshId("presets");
      const cards = presets.all().filter((each) => each.group === group)
        .map((preset) => this.card(preset));
      const section = make(
        "div.wl-presets-section",
        { role: "group", "aria-labelledby": headingId },
        make("div.wl-presets-heading", { id: headingId }, groupName(host, group)),
        make("div.wl-presets-grid", {}, ...cards.map((card) => card.element)),
      );
      return { element: section, cards };
    });
    this.list.replaceChildren(...this.sections.map((section) => section.element));
    this.setValue(this.value);
    if (focused) this.cards.get(focused)?.pick.focus();
  }

  /** @param {Preset} preset */
  card(preset) {
    const { host, presets } = this;
    const { id } = preset;
    const card = new Card({
      host,
      preset,
      asked: this.options.compact === true,
      onPick: () => this.pick(id),
      onStar: () => this.message.toggleFavourite(id),
      onRemove: preset.mine && presets.maySave ? () => this.message.remove(id) : null,
      onFocus: () => this.keys.setReachable(id),
    });
    this.cards.set(id, card);
    this.paint(card);
    return card;
  }

  /** Shows the cards that match group and search. */
  filter() {
    const { host, presets } = this;
    const group = this.groups.value;
    const query = this.search.value.trim();
    let count = 0;
    for (const section of this.sections) {
      let any = false;
      for (const card of section.cards) {
        const { preset } = card;
        const here = group === ALL || preset.group === group
          || (group === FAVOURITES && presets.favourites.has(preset.id));
        const shown = here && matches(preset, query, groupName(host, preset.group));
        card.element.hidden = !shown;
        any ||= shown;
        count += Number(shown);
      }
      section.element.hidden = !any;
    }
    // Few results in many groups are one grid, without headings.
    this.list.classList.toggle("wl-presets-list--flat", query !== "" || group !== ALL);
    const counted = presets.loaded ? host.t("presets.count", { n: count }) : "";
    if (this.count.textContent !== counted) this.count.textContent = counted;
    this.empty.replaceChildren(...(count ? [] : this.whyEmpty(query, group)));
    this.keys.update(this.value);
  }

  /**
   * @param {string} query
   * @param {string} group
   */
  whyEmpty(query, group) {
    const { host, presets } = this;
    return whyEmpty(host, { presets, query, group, saves: this.save !== null }, {
      again: () => this.load(),
      everywhere: () => this.groups.choose(ALL),
      clear: () => {
        this.search.value = "";
        this.filter();
        this.search.focus();
      },
    });
  }

  /** @param {KeyboardEvent} event */
  onSearchKey(event) {
    if (event.key === "Enter") event.preventDefault(); // would submit a surrounding form
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    this.keys.enter();
  }

  /** @param {string} id */
  pick(id) {
    const again = id === this.value;
    if (again && this.options.required) return;
    const preset = again ? null : this.presets.byId(id);
    this.setValue(preset?.id ?? "");
    this.options.onPick(preset);
  }
}
