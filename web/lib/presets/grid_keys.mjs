// @ts-check
/** Keyboard navigation in the grid of cards. */

/** @typedef {import("./card.mjs").Card} Card */

/**
 * Arrow keys move between the cards; the Tab key reaches a single card, the last focused one.
 */
export class GridKeys {
  /**
   * @param {object} options
   * @param {HTMLElement} options.scroll The element that scrolls.
   * @param {() => Card[]} options.cards All cards, in order.
   * @param {(card: Card) => void} options.onStar
   * @param {(card: Card) => void} options.onRemove
   */
  constructor({ scroll, cards, onStar, onRemove }) {
    this.scroll = scroll;
    this.cards = cards;
    this.onStar = onStar;
    this.onRemove = onRemove;
    /** @type {string | null} Id of the card that the Tab key reaches. */
    this.reachable = null;
  }

  /** @returns {Card[]} Those that are not filtered out. */
  visible() {
    return this.cards().filter((card) => !card.element.hidden);
  }

  /** The card that has the focus. */
  focused() {
    const active = this.scroll.ownerDocument.activeElement;
    return this.cards().find((card) => card.element.contains(active)) ?? null;
  }

  /**
   * Called after filtering: the Tab key reaches the same card as before, else the picked one, else
   * the first.
   *
   * @param {string} picked Id of the picked one.
   */
  update(picked) {
    const ids = this.visible().map((card) => card.preset.id);
    const id = [this.reachable, picked].find((each) => each && ids.includes(each)) ?? ids[0];
    this.setReachable(id ?? null);
  }

  /** @param {string | null} id */
  setReachable(id) {
    this.reachable = id;
    for (const card of this.cards()) card.setReachable(card.preset.id === id);
  }

  /** Focuses the card that the Tab key reaches. */
  enter() {
    const card = this.cards().find(({ preset }) => preset.id === this.reachable);
    if (card) this.goTo(card);
  }

  /** @param {Card} card */
  goTo(card) {
    card.pick.focus({ preventScroll: true });
    reveal(card.element, this.scroll);
  }

  /** @param {KeyboardEvent} event In the grid. */
  press(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const card = this.focused();
    if (!card) return;
    if (event.key === "Enter" || event.key === " ") {
      event.stopPropagation(); // for the button, not for shortcuts of the page
      return;
    }
    if (event.key.toLowerCase() === "f") this.onStar(card);
    else if (event.key === "Delete" && card.remove) this.onRemove(card);
    else {
      const next = nextCard(this.visible(), card, event.key);
      if (!next) return;
      this.goTo(next);
    }
    event.preventDefault();
    event.stopPropagation();
  }
}

/**
 * @param {Card[]} cards Those that are not filtered out, in order.
 * @param {Card} card The focused one.
 * @param {string} key
 * @returns {Card | undefined} The one to focus.
 */
function nextCard(cards, card, key) {
  const index = cards.indexOf(card);
  if (key === "ArrowRight") return cards[Math.min(index + 1, cards.length - 1)];
  if (key === "ArrowLeft") return cards[Math.max(index - 1, 0)];
  if (key === "Home") return cards[0];
  if (key === "End") return cards[cards.length - 1];
  if (key !== "ArrowDown" && key !== "ArrowUp") return undefined;
  const sign = key === "ArrowDown" ? 1 : -1;
  const places = cards.map((each) => {
    const { left, top } = each.element.getBoundingClientRect();
    return { each, left, down: top * sign };
  });
  const here = places[index];
  const beyond = places.filter(({ down }) => down > here.down + 1);
  const row = Math.min(...beyond.map(({ down }) => down));
  const inRow = beyond.filter(({ down }) => down < row + 1);
  inRow.sort((a, b) => Math.abs(a.left - here.left) - Math.abs(b.left - here.left));
  return inRow[0]?.each ?? card;
}

/**
 * Scrolls an element into view within its list, without scrolling the page around it.
 *
 * @param {HTMLElement} element
 * @param {HTMLElement} list The element that scrolls.
 */
export function reveal(element, list) {
  const [inner, outer] = [element.getBoundingClientRect(), list.getBoundingClientRect()];
  if (!inner.height || !outer.height) return; // not shown
  const scale = list.offsetHeight / outer.height; // nodes are scaled with the canvas
  if (inner.top < outer.top) list.scrollTop += (inner.top - outer.top) * scale;
  else if (inner.bottom > outer.bottom) list.scrollTop += (inner.bottom - outer.bottom) * scale;
}
