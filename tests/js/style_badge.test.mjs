// Run with: node --test tests/js/
import assert from "node:assert/strict";
import { test } from "node:test";

import { nodeBoxes } from "../../web/lib/nodes/node_box.mjs";
import { addStyleBadge, carriedStyle, showStyleBadge, STYLE_WIDGET } from "../../web/lib/nodes/style_badge.mjs";

const FOUND = {
  badge: "file",
  source: "ComfyUI graph",
  prompt: "a <b>red</b> fox",
  style: ["film photograph", "soft light"],
  report: "From: …",
};

test("what a run found is read from its output", () => {
  assert.deepEqual(carriedStyle({ wanderlens_style: [FOUND] }), FOUND);
});

test("an output without it has none", () => {
  for (const output of [null, undefined, {}, { text: ["x"] }, { wanderlens_style: [] }, { wanderlens_style: 7 }]) {
    assert.equal(carriedStyle(output), null);
  }
});

test("values of a wrong type are left out, and an unknown badge says nothing", () => {
  const odd = { badge: "__proto__", prompt: 7, style: ["a", 1, null], report: {} };
  assert.deepEqual(carriedStyle({ wanderlens_style: [odd] }), {
    badge: "nothing",
    source: "",
    prompt: "",
    style: ["a"],
    report: "",
  });
});

/** As much of a page as the box asks for. */
function stage() {
  const make = () => ({
    style: {},
    children: [],
    textContent: "",
    classList: { add() {} },
    setAttribute() {},
    replaceChildren(...parts) {
      this.children = parts;
    },
  });
  return { createElement: make, querySelectorAll: () => [] };
}

/** A host whose texts are their keys. */
const hostOf = (page) => ({ page, t: (key) => key });

test("the box shows badge, prompt and style as text", () => {
  const page = stage();
  const box = page.createElement();
  showStyleBadge(box, FOUND, hostOf(page));
  assert.deepEqual(
    box.children.map((part) => part.textContent),
    ["convert.badge.file", "a <b>red</b> fox", "film photograph · soft light"],
  );
  assert.equal(box.title, "From: …");
  showStyleBadge(box, { ...FOUND, badge: "nothing", prompt: "", style: [] }, hostOf(page));
  assert.deepEqual(
    box.children.map((part) => part.textContent),
    ["nodes.nothing"],
  );
});

test("a run fills the box; the box is no part of prompt and workflow", () => {
  const page = stage();
  const seen = [];
  const node = {
    onExecuted(output) {
      seen.push(output);
    },
    addDOMWidget(name, type, element, options) {
      this.widget = { name, type, element, options };
      return this.widget;
    },
  };
  addStyleBadge(node, hostOf(page));
  assert.equal(node.widget.name, STYLE_WIDGET);
  assert.equal(node.widget.serialize, false);
  assert.equal(node.widget.options.serialize, false);
  const output = { wanderlens_style: [FOUND] };
  node.onExecuted(output);
  assert.deepEqual(seen, [output]);
  assert.equal(node.widget.element.children.length, 3);
  node.onExecuted({ text: ["x"] });
  assert.equal(node.widget.element.children.length, 3);
});

test("a box that another node of the same id left in the page is filled too", () => {
  const inNode = (id) => ({ closest: () => ({ getAttribute: () => id }) });
  const [own, left, other, loose] = [{}, inNode("2"), inNode("3"), { closest: () => null }];
  const page = { querySelectorAll: () => [left, other, loose] };
  assert.deepEqual([...nodeBoxes({ id: 2 }, own, STYLE_WIDGET, page)], [own, left]);
});
