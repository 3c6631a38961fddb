// Run with: node --test tests/js/
import assert from "node:assert/strict";
import { test } from "node:test";

import { addReport, reportText, REPORT_WIDGET } from "../../web/lib/nodes/report.mjs";

test("the text of an output is found", () => {
  assert.equal(reportText({ text: ["Size: 832×480"] }), "Size: 832×480");
  assert.equal(reportText({ text: ["one", "two"] }), "one\ntwo");
  assert.equal(reportText({ text: "one" }), "one");
  assert.equal(reportText({ text: [] }), "");
});

test("an output without a text has none", () => {
  for (const output of [null, undefined, {}, { images: [] }, { text: 7 }, "text"]) {
    assert.equal(reportText(output), null);
  }
});

/** As much of a node and of a page as `addReport` asks for. */
function stage() {
  const box = { value: "", style: {}, classList: { add() {} }, setAttribute() {} };
  const left = { value: "", closest: () => ({ getAttribute: () => "5" }) };
  const page = { createElement: () => box, querySelectorAll: () => [left] };
  const seen = [];
  const node = {
    id: 5,
    widgets: [],
    onExecuted(output) {
      seen.push(output);
    },
    addDOMWidget(name, type, element, options) {
      const widget = { name, type, element, options };
      this.widgets.push(widget);
      return widget;
    },
  };
  addReport(node, { page, t: (key) => key });
  return { box, left, node, seen };
}

test("the box is no part of prompt and workflow, and cannot be edited", () => {
  const { box, node } = stage();
  assert.deepEqual(node.widgets.map((widget) => widget.name), [REPORT_WIDGET]);
  assert.equal(node.widgets[0].serialize, false);
  assert.equal(node.widgets[0].options.serialize, false);
  assert.equal(box.readOnly, true);
});

test("a run fills the box, and what the node did before still happens", () => {
  const { box, left, node, seen } = stage();
  node.onExecuted({ text: ["81 frames"] });
  assert.equal(box.value, "81 frames");
  assert.equal(left.value, "81 frames", "the box that an earlier node left in the page");
  node.onExecuted({ images: [] });
  assert.equal(box.value, "81 frames");
  assert.equal(seen.length, 2);
});
