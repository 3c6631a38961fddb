// @ts-check
/** A virtual grid of clips: only the rows in view are in the page. */
import { element } from "../ui/dom.mjs";
import { GridSelection } from "./grid_selection.mjs";
import { Preview } from "./preview.mjs";
import { Rows } from "./rows.mjs";
import { clipKey } from "./select.mjs";
import { layOut, movedTo, scrolledTo } from "./virtual.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("./card.mjs").Card} Card */
/** @typedef {import("./store.mjs").Clip} Clip */

/** Pixels around the cards, for focus rings; as in the style sheet. */
const PADDING = 8;
/** Milliseconds without scrolling after which posters are loaded again. */
const REST = 120;
/** View heights per event beyond which scrolling is too fast to load posters... */
const FAST = 0.35;
/** ...if the last event was at most so many milliseconds ago; else it is a jump. */
const JUMP = 100;

/**
 * @typedef {object} GridOptions
 * @property {Host} host
 * @property {string} label The grid's accessible name.
 * @property {(clip: Clip) => boolean} isFavourite
 * @property {(clip: Clip) => void} onOpen
 * @property {(clips: Clip[]) => void} onRemove
 * @property {(clip: Clip) => void} onFavourite
 * @property {(selection: Clip[]) => void} onSelect Called with the selected clips, in
 *   their order.
 */

export class ClipGrid {
  /** @param {GridOptions} options */
  constructor(options) {
    const { host, label } = options;
    const { page } = host;
    this.options = options;
    /** While one clip is to be chosen, a click opens it and nothing is selected. */
    this.choosing = false;
    /** @type {readonly Clip[]} */
    this._clips = [];
    this._selection = new GridSelection((clips) => {
      this.refresh();
      options.onSelect(clips);
    });
    /** Index of the clip that has the focus, or gets it next. */
    this._active = 0;
    this._top = 0;
    this._fast = false;
    this._moved = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this._rest = undefined;
    this._layout = layOut({ count: 0, width: 0 });

    /** @type {HTMLElement} */
    this.grid = element(page, "div.wl-clips-grid", {
      role: "grid",
      "aria-label": label,
      "aria-multiselectable": "true",
      onclick: (/** @type {MouseEvent} */ event) => this._clicked(event),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this._pressed(event),
      onfocusin: (/** @type {FocusEvent} */ event) => this._focused(event),
      onfocusout: () => this._preview.hide(),
      onpointerover: (/** @type {PointerEvent} */ event) => this._pointed(event),
      onpointerleave: () => this._preview.hide(),
    });
    /** @type {HTMLElement} */
    this.element = element(
      page,
      "div.wl-clips-scroll",
      { onscroll: () => this._scrolled() },
      this.grid,
    );
    this._preview = new Preview(host);
    this._rows = new Rows(host, this.grid, (card) => this._preview.hide(card.media));
    this._resized = new ResizeObserver(() => this.fit());
    this._resized.observe(this.element);
  }

  destroy() {
    this._resized.disconnect();
    clearTimeout(this._rest);
    this._preview.hide();
  }

  /** @returns {Clip[]} The selected clips, in the order they were selected. */
  get selection() {
    return this._selection.clips;
  }

  /**
   * Sets the list; focus and selection stay with their clips.
   *
   * @param {readonly Clip[]} clips
   */
  setClips(clips) {
    const byKey = new Map(clips.map((clip, index) => [clipKey(clip), index]));
    const active = this._clips[this._active];
    const still = active && byKey.get(clipKey(active));
    this._active = Math.max(0, Math.min(still ?? this._active, clips.length - 1));
    this._clips = clips;
    const lost = this._selection.setList(clips, this._active);
    this.fit();
    if (lost) this.options.onSelect(this.selection);
  }

  /** @param {readonly Clip[]} clips To be selected, in this order; no others. */
  select(clips) {
    this._selection.set(clips);
  }

  /**
   * Focuses a clip and scrolls to it.
   *
   * @param {{filename: string, subfolder: string}} [clip] By default the one that had the focus
   *   last.
   */
  focus(clip) {
    const at = clip ? this._clips.findIndex((each) => clipKey(each) === clipKey(clip)) : -1;
    this._goTo(at >= 0 ? at : this._active);
  }

  /** Scrolls back to the first clip, for a new list. */
  toTop() {
    this._active = 0;
    this._selection.anchor = 0;
    this.element.scrollTop = 0;
    this._scrolled();
  }

  /** Lays the cards out for the present width; the first clip in view stays in view. */
  fit() {
    const width = this.element.clientWidth - PADDING * 2;
    if (width <= 0) return; // not in view
    const { pitch, columns } = this._layout;
    const first = Math.floor(this._top / pitch) * columns;
    this._layout = layOut({ count: this._clips.length, width });
    if (this._layout.columns !== columns || this._layout.pitch !== pitch) {
      this._top = Math.floor(first / this._layout.columns) * this._layout.pitch;
    }
    const { style } = this.grid;
    style.height = `${this._layout.height}px`;
    style.setProperty("--wl-card-width", `${this._layout.cardWidth}px`);
    style.setProperty("--wl-card-height", `${this._layout.cardHeight}px`);
    this.grid.setAttribute("aria-rowcount", String(this._layout.rows));
    this.grid.setAttribute("aria-colcount", String(this._layout.columns));
    if (this.element.scrollTop !== this._top) this.element.scrollTop = this._top;
    this._top = this.element.scrollTop;
    this._show();
  }

  _scrolled() {
    const top = this.element.scrollTop;
    const moved = Math.abs(top - this._top);
    this._top = top;
    const now = performance.now();
    this._fast = moved > this.element.clientHeight * FAST && now - this._moved < JUMP;
    this._moved = now;
    clearTimeout(this._rest);
    this._rest = setTimeout(() => {
      this._fast = false;
      for (const card of this._rows.cards()) card.showPoster();
    }, REST);
    this._show();
  }

  _show() {
    const view = this.element.clientHeight;
    const hasFocus = this.grid.contains(this.options.host.page.activeElement);
    const kept = hasFocus ? this._row(this._active) : -1;
    this._rows.show(this._clips, this._layout, this._top, view, kept);
    if (!this._fast) for (const card of this._rows.cards()) card.showPoster();
    this.refresh();
  }

  /** @param {number} index */
  _row(index) {
    return this._clips.length ? Math.floor(index / this._layout.columns) : -1;
  }

  /** Updates the state of each card, and which one the Tab key reaches. */
  refresh() {
    const places = this._selection.places();
    const { isFavourite } = this.options;
    // Where the active clip is not in the page, Tab reaches the first one that is.
    let tabbed = this._rows.at(this._active);
    for (const card of this._rows.cards()) {
      const clip = /** @type {Clip} */ (card.clip);
      tabbed ??= card;
      card.setState(places.get(clipKey(clip)) ?? 0, isFavourite(clip));
      const tabIndex = card === tabbed ? 0 : -1;
      if (card.element.tabIndex !== tabIndex) card.element.tabIndex = tabIndex;
    }
  }

  /**
   * @param {Event} event
   * @returns {Card | null} The card that is its target.
   */
  _cardOf({ target }) {
    const cell = /** @type {Element | null} */ (target)?.closest?.(".wl-clip");
    if (!cell) return null;
    for (const card of this._rows.cards()) if (card.element === cell) return card;
    return null;
  }

  /** @param {MouseEvent} event */
  _clicked(event) {
    const card = this._cardOf(event);
    if (!card?.clip) return;
    const button = /** @type {Element} */ (event.target).closest("[data-act]");
    const act = button?.getAttribute("data-act");
    this._active = card.index;
    // The card, not its button: the grid handles the keys.
    if (act) card.element.focus({ preventScroll: true });
    if (this.choosing && act !== "favourite") this.options.onOpen(card.clip);
    else if (event.shiftKey) this._selection.extendTo(card.index);
    else if (act === "favourite") this.options.onFavourite(card.clip);
    else if (act || event.ctrlKey || event.metaKey) this._selection.toggle(card.index);
    else if (this._selection.size) this._selection.toggle(card.index);
    else this.options.onOpen(card.clip);
  }

  /** @param {KeyboardEvent} event */
  _pressed(event) {
    const clip = this._clips[this._active];
    if (!clip || event.altKey) return;
    const command = event.ctrlKey || event.metaKey;
    const to = movedTo(event.key, this._active, this._layout, this.element.clientHeight);
    if (to !== null) {
      this._goTo(to);
      if (event.shiftKey) this._selection.extendTo(to);
      else this._selection.anchor = to;
    } else if (command && event.key.toLowerCase() === "a") {
      this.select(this._clips);
    } else if (command) {
      return;
    } else if (event.key === "Enter") {
      this.options.onOpen(clip);
    } else if (event.key === " ") {
      if (this.choosing) this.options.onOpen(clip);
      else this._selection.toggle(this._active);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      const { selection } = this;
      this.options.onRemove(selection.length ? selection : [clip]);
    } else if (event.key.toLowerCase() === "f") {
      this.options.onFavourite(clip);
    } else if (event.key === "Escape" && this._selection.size) {
      this.select([]);
    } else {
      return;
    }
    // ComfyUI has shortcuts of its own for the canvas.
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {number} index */
  _goTo(index) {
    if (!this._clips.length) return;
    this._active = index;
    const top = scrolledTo(this._layout, index, this._top, this.element.clientHeight);
    if (top !== this._top) {
      this.element.scrollTop = top;
      this._scrolled();
    }
    if (!this._rows.at(index)) this._show();
    this.refresh();
    this._rows.at(index)?.element.focus({ preventScroll: true });
  }

  /** @param {FocusEvent} event */
  _focused(event) {
    const card = this._cardOf(event);
    if (!card?.clip) return;
    if (this._active !== card.index) {
      this._active = card.index;
      this.refresh();
    }
    if (card.element.matches(":focus-visible")) this._preview.show(card.media, card.clip);
  }

  /** @param {PointerEvent} event */
  _pointed(event) {
    const card = this._cardOf(event);
    if (event.pointerType === "touch") return;
    if (card?.clip) this._preview.show(card.media, card.clip);
    else this._preview.hide();
  }
}
