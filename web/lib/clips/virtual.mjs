// @ts-check
/** Where the cards of a long grid stand, and which of them are in view. */

/**
 * @typedef {object} Layout
 * @property {number} count Cards in all.
 * @property {number} columns Cards in a row.
 * @property {number} rows Rows in all.
 * @property {number} cardWidth Pixels.
 * @property {number} cardHeight Pixels.
 * @property {number} pitch Pixels from one row's top to the next one's.
 * @property {number} gap Pixels between cards.
 * @property {number} height Pixels of all rows.
 */

/**
 * @param {object} wanted
 * @param {number} wanted.count Cards in all.
 * @param {number} wanted.width Pixels there are for a row.
 * @param {number} [wanted.least] Pixels of a card's width at least, where there is room for it.
 * @param {number} [wanted.gap] Pixels between cards.
 * @param {number} [wanted.ratio] Width of a card's picture through its height.
 * @param {number} [wanted.foot] Pixels below the picture.
 * @returns {Layout}
 */
export function layOut({ count, width, least = 140, gap = 8, ratio = 4 / 3, foot = 26 }) {
  const columns = Math.max(1, Math.floor((width + gap) / (least + gap)));
  const cardWidth = Math.max(1, Math.floor((width - gap * (columns - 1)) / columns));
  const cardHeight = Math.round(cardWidth / ratio) + foot;
  const rows = Math.ceil(count / columns);
  const pitch = cardHeight + gap;
  const height = Math.max(0, rows * pitch - gap);
  return { count, columns, rows, cardWidth, cardHeight, pitch, gap, height };
}

/**
 * The rows in view and a few beside them.
 *
 * @param {Layout} layout
 * @param {number} top Pixels scrolled away above.
 * @param {number} view Pixels of the view's height.
 * @param {number} [beside] Rows above and below that are made ready.
 * @returns {{first: number, last: number}} Both included; last is below first where there is none.
 */
export function rowsInView({ rows, pitch }, top, view, beside = 2) {
  const first = Math.max(0, Math.min(rows - 1, Math.floor(top / pitch)) - beside);
  const last = Math.min(rows - 1, Math.floor((top + Math.max(0, view)) / pitch) + beside);
  return { first, last };
}

/**
 * How far to scroll for a card to be wholly in view, moving as little as that takes.
 *
 * @param {Layout} layout
 * @param {number} index The card.
 * @param {number} top Pixels scrolled away above now.
 * @param {number} view Pixels of the view's height.
 * @returns {number} Pixels to be scrolled away above.
 */
export function scrolledTo({ columns, pitch, cardHeight, gap }, index, top, view) {
  const start = Math.floor(index / columns) * pitch;
  const end = start + cardHeight;
  if (start < top || cardHeight > view) return Math.max(0, start - (start ? gap : 0));
  return end > top + view ? Math.min(start, end - view + gap) : top;
}

/**
 * The card that a key leads to.
 *
 * @param {string} key As a keyboard event names it.
 * @param {number} index The card now.
 * @param {Layout} layout
 * @param {number} view Pixels of the view's height, for a page's length.
 * @returns {number | null} Null for a key that leads nowhere.
 */
export function movedTo(key, index, { count, columns, rows, pitch }, view) {
  const page = columns * Math.max(1, Math.floor(view / pitch));
  const inLastRow = Math.floor(index / columns) === rows - 1;
  /** @type {Record<string, number>} */
  const targets = {
    ArrowLeft: index - 1,
    ArrowRight: index + 1,
    ArrowUp: index < columns ? index : index - columns,
    // The last row may be short: down leads into it anyway.
    ArrowDown: inLastRow ? index : index + columns,
    PageUp: index - page < 0 ? index % columns : index - page,
    PageDown: index + page,
    Home: 0,
    End: count - 1,
  };
  if (!count || !Object.hasOwn(targets, key)) return null;
  return Math.max(0, Math.min(count - 1, targets[key]));
}
