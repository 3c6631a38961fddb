// @ts-check
/** The rows of the grid that are in the document: those in view and a few around them. */
import { element } from "../ui/dom.mjs";
import { Card } from "./card.mjs";
import { rowsInView } from "./virtual.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("./store.mjs").Clip} Clip */
/** @typedef {import("./virtual.mjs").Layout} Layout */

/** @typedef {{element: HTMLElement, cards: Card[], row: number}} Row */

export class Rows {
  /**
   * @param {Host} host
   * @param {HTMLElement} grid Their parent.
   * @param {(card: Card) => void} onLeave Called before a card shows another clip.
   */
  constructor(host, grid, onLeave) {
    this.host = host;
    this.grid = grid;
    this.onLeave = onLeave;
    /** @type {Map<number, Row>} */
    this._rows = new Map();
    /** @type {Layout | null} */
    this._layout = null;
  }

  /** @returns {Iterable<Card>} The cards that show a clip. */
  *cards() {
    for (const { cards } of this._rows.values()) {
      for (const card of cards) if (card.index >= 0) yield card;
    }
  }

  /**
   * The card of a clip.
   *
   * @param {number} index In the list.
   * @returns {Card | null} Null where it is not in the document.
   */
  at(index) {
    if (!this._layout) return null;
    const { columns } = this._layout;
    const row = this._rows.get(Math.floor(index / columns));
    return row?.cards[index % columns] ?? null;
  }

  /**
   * Renders the rows in view.
   *
   * @param {readonly Clip[]} clips All of them.
   * @param {Layout} layout
   * @param {number} top Scroll position, pixels.
   * @param {number} view Height of the viewport, pixels.
   * @param {number} kept A row that stays in the document for the focus; -1 for none.
   */
  show(clips, layout, top, view, kept) {
    if (layout.columns !== this._layout?.columns) this.clear();
    const resized = layout.cardWidth !== this._layout?.cardWidth;
    this._layout = layout;
    const { first, last } = rowsInView(layout, top, view);
    const wanted = new Set();
    for (let row = first; row <= last; row += 1) wanted.add(row);
    if (kept >= 0 && kept < layout.rows) wanted.add(kept);
    const free = [...this._rows.keys()].filter((row) => !wanted.has(row));
    for (const row of wanted) {
      let shown = this._rows.get(row);
      if (!shown) {
        const old = free.pop();
        shown = old === undefined ? this._create(layout) : this._detach(old);
        shown.row = row;
        this._rows.set(row, shown);
        shown.element.setAttribute("aria-rowindex", String(row + 1));
        this._move(shown, layout);
      } else if (resized) {
        this._move(shown, layout);
      }
      this._fill(shown, clips, layout);
    }
    for (const row of free) this._detach(row).element.remove();
  }

  /** Removes all rows. */
  clear() {
    for (const row of [...this._rows.keys()]) this._detach(row).element.remove();
    this._layout = null;
  }

  /** @param {Layout} layout */
  _create({ columns }) {
    const { page } = this.host;
    const cards = Array.from({ length: columns }, () => new Card(this.host));
    for (const [column, card] of cards.entries()) {
      card.element.setAttribute("aria-colindex", String(column + 1));
    }
    const created = { element: element(page, "div.wl-clips-row", { role: "row" }), cards, row: -1 };
    created.element.append(...cards.map((card) => card.element));
    this.grid.append(created.element);
    return created;
  }

  /** @param {number} row */
  _detach(row) {
    const detached = /** @type {Row} */ (this._rows.get(row));
    this._rows.delete(row);
    for (const card of detached.cards) if (card.clip) this.onLeave(card);
    return detached;
  }

  /**
   * @param {Row} shown
   * @param {Layout} layout
   */
  _move(shown, { pitch }) {
    shown.element.style.transform = `translateY(${shown.row * pitch}px)`;
  }

  /**
   * @param {Row} shown
   * @param {readonly Clip[]} clips
   * @param {Layout} layout
   */
  _fill({ cards, row }, clips, { columns }) {
    for (const [column, card] of cards.entries()) {
      const index = row * columns + column;
      const clip = clips[index] ?? null;
      if (card.clip && card.clip !== clip) this.onLeave(card);
      card.show(clip, index);
    }
  }
}
