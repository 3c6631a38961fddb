// Run with: node --test tests/js/
import assert from "node:assert/strict";
import { test } from "node:test";

import { layOut, movedTo, rowsInView, scrolledTo } from "../../web/lib/clips/virtual.mjs";

/** Numbers that look random and are the same in every run. */
function* numbers(seed) {
  let state = seed;
  for (;;) {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    yield state / 2 ** 31;
  }
}

const random = numbers(7);
const below = (most) => Math.floor(random.next().value * most);

test("as many columns as fit, and cards that fill the width", () => {
  for (let run = 0; run < 500; run += 1) {
    const width = 1 + below(2000);
    const layout = layOut({ count: below(5000), width });
    const used = layout.columns * layout.cardWidth + (layout.columns - 1) * layout.gap;
    assert.ok(used <= width, `${used} of ${width}`);
    assert.ok(width - used < layout.columns);
    assert.ok(layout.cardWidth >= Math.min(width, 140));
    assert.ok(layout.rows * layout.columns >= layout.count);
    assert.ok((layout.rows - 1) * layout.columns < layout.count);
  }
});

test("a narrow sidebar still has two columns, a wide one more", () => {
  assert.equal(layOut({ count: 9, width: 296 }).columns, 2);
  assert.equal(layOut({ count: 9, width: 880 }).columns, 6);
  assert.equal(layOut({ count: 9, width: 100 }).columns, 1);
});

test("no clips take no room", () => {
  const layout = layOut({ count: 0, width: 300 });
  assert.equal(layout.height, 0);
  const { first, last } = rowsInView(layout, 0, 600);
  assert.ok(last < first);
});

test("every row in view is there, and few others", () => {
  for (let run = 0; run < 500; run += 1) {
    const layout = layOut({ count: 1 + below(5000), width: 200 + below(800) });
    const view = 100 + below(900);
    const top = below(Math.max(1, layout.height));
    const { first, last } = rowsInView(layout, top, view, 2);
    assert.ok(first >= 0 && last < layout.rows);
    for (let row = 0; row < layout.rows; row += 1) {
      const seen = row * layout.pitch < top + view && row * layout.pitch + layout.cardHeight > top;
      if (seen) assert.ok(first <= row && row <= last, `row ${row} of ${first} to ${last}`);
    }
    assert.ok(last - first <= view / layout.pitch + 6);
  }
});

test("a view that is scrolled beyond the end shows the last rows", () => {
  const layout = layOut({ count: 10, width: 300 });
  const { first, last } = rowsInView(layout, 1e6, 500, 1);
  assert.equal(last, layout.rows - 1);
  assert.ok(first < last);
});

test("scrolling brings a card wholly into view, and moves no more than that", () => {
  for (let run = 0; run < 500; run += 1) {
    const layout = layOut({ count: 1 + below(5000), width: 200 + below(800) });
    const view = layout.cardHeight + below(900);
    const index = below(layout.count);
    const top = below(layout.height);
    const to = scrolledTo(layout, index, top, view);
    const start = Math.floor(index / layout.columns) * layout.pitch;
    assert.ok(to <= start && start + layout.cardHeight <= to + view + layout.gap);
    if (start >= top && start + layout.cardHeight <= top + view) assert.equal(to, top);
  }
});

// 8 cards in 3 columns: 0 1 2 / 3 4 5 / 6 7
const EIGHT = layOut({ count: 8, width: 450 });

test("arrows go to the neighbours and stop at the ends", () => {
  assert.equal(EIGHT.columns, 3);
  const moves = [
    ["ArrowLeft", 0, 0],
    ["ArrowLeft", 3, 2],
    ["ArrowRight", 2, 3],
    ["ArrowRight", 7, 7],
    ["ArrowUp", 1, 1],
    ["ArrowUp", 5, 2],
    ["ArrowDown", 1, 4],
    ["ArrowDown", 5, 7], // the last row is short
    ["ArrowDown", 6, 6],
    ["Home", 5, 0],
    ["End", 0, 7],
  ];
  for (const [key, from, to] of moves) {
    assert.equal(movedTo(key, from, EIGHT, 200), to, `${key} from ${from}`);
  }
});

test("a page is as many rows as fit, at least one, in the same column", () => {
  const layout = layOut({ count: 100, width: 450 });
  const view = layout.pitch * 4 + 10;
  assert.equal(movedTo("PageDown", 1, layout, view), 13);
  assert.equal(movedTo("PageUp", 13, layout, view), 1);
  assert.equal(movedTo("PageUp", 4, layout, view), 1);
  assert.equal(movedTo("PageDown", 97, layout, view), 99);
  assert.equal(movedTo("PageDown", 1, layout, 10), 4);
});

test("other keys, and keys where there is nothing, lead nowhere", () => {
  assert.equal(movedTo("x", 0, EIGHT, 200), null);
  assert.equal(movedTo("toString", 0, EIGHT, 200), null);
  assert.equal(movedTo("End", 0, layOut({ count: 0, width: 300 }), 200), null);
});
