// @ts-check
/** Layout of the virtual grid: positions, rows in view, scrolling and keyboard targets. */

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
 * @param {number} wanted.width Pixels available for a row.
 * @param {number} [wanted.least] Least width of a card in pixels, where there is room.
 * @param {number} [wanted.gap] Pixels between cards.
 * @param {number} [wanted.ratio] Width of a card's poster divided by its height.
 * @param {number} [wanted.foot] Pixels below the poster.
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
 * The rows in view and a few around them.
 *
 * @param {Layout} layout
 * @param {number} top Scroll position, pixels.
 * @param {number} view Height of the viewport, pixels.
 * @param {number} [beside] Rows above and below that are rendered too.
 * @returns {{first: number, last: number}} Inclusive; without rows, `last` is below `first`.
 */
export function rowsInView({ rows, pitch }, top, view, beside = 2) {
  const first = Math.max(0, Math.min(rows - 1, Math.floor(top / pitch)) - beside);
  const last = Math.min(rows - 1, Math.floor((top + Math.max(0, view)) / pitch) + beside);
  return { first, last };
}

/**
 * The scroll position nearest to the present one at which a card is wholly in view.
 *
 * @param {Layout} layout
 * @param {number} index The card.
 * @param {number} top The present scroll position, pixels.
 * @param {number} view Height of the viewport, pixels.
 * @returns {number} Pixels.
 */
export function scrolledTo({ columns, pitch, cardHeight, gap }, index, top, view) {
  const start = Math.floor(index / columns) * pitch;
  const end = start + cardHeight;
  if (start < top || cardHeight > view) return Math.max(0, start - (start ? gap : 0));
  return end > top + view ? Math.min(start, end - view + gap) : top;
}

/**
 * The card that a key moves the focus to.
 *
 * @param {string} key Of a keyboard event.
 * @param {number} index The focused card.
 * @param {Layout} layout
 * @param {number} view Height of the viewport in pixels, for Page Up and Down.
 * @returns {number | null} Null for any other key.
 */
export function movedTo(key, index, { count, columns, rows, pitch }, view) {
  const page = columns * Math.max(1, Math.floor(view / pitch));
  const inLastRow = Math.floor(index / columns) === rows - 1;
  /** @type {Record<string, number>} */
  const targets = {
    ArrowLeft: index - 1,
    ArrowRight: index + 1,
    ArrowUp: index < columns ? index : index - columns,
    // The last row may be short: down enters it anyway.
    ArrowDown: inLastRow ? index : index + columns,
    PageUp: index - page < 0 ? index % columns : index - page,
    PageDown: index + page,
    Home: 0,
    End: count - 1,
  };
  if (!count || !Object.hasOwn(targets, key)) return null;
  return Math.max(0, Math.min(count - 1, targets[key]));
}
