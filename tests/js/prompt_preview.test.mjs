// Run with: node --test tests/js/
import assert from "node:assert/strict";
import { test } from "node:test";

import { addPromptPreview, PromptPreview, PROMPT_PREVIEW_WIDGET } from "../../web/lib/nodes/prompt_preview.mjs";
import { HostError } from "../../web/lib/comfy/host.mjs";
import { promptInputs } from "../../web/lib/nodes/prompt_inputs.mjs";
import { addPresetGallery } from "../../web/lib/nodes/preset_gallery.mjs";
import {
  pictureFile, pictureNear, sourceOf, widgetValue,
} from "../../web/lib/comfy/upstream.mjs";

const PRESETS = { byId: (id) => (id === "ambient/rain" ? { loop: true } : null) };

/** As much of a graph as is asked for: nodes, links, subgraphs. */
class Graph {
  constructor(root = null) {
    this.nodes = [];
    this.links = new Map();
    this.rootGraph = root ?? this;
    this.subgraphs = new Map();
  }

  getNodeById(id) {
    return this.nodes.find((node) => node.id === id) ?? null;
  }

  getLink(id) {
    return this.links.get(id);
  }

  /** A node with inputs and outputs as "name:TYPE" and widgets by name. */
  add(type, { inputs = [], outputs = [], widgets = {}, ...more } = {}) {
    const graph = this;
    const slot = (text) => ({ name: text.split(":")[0], type: text.split(":")[1], link: null });
    const node = {
      id: 10 * this.nodes.length + 1, type, graph, mode: 0, pos: [0, 0],
      inputs: inputs.map(slot), outputs: outputs.map((text) => ({ ...slot(text), links: [] })),
      widgets: Object.entries(widgets).map(([name, value]) => ({ name, value })),
      getInputLink: (index) => graph.getLink(node.inputs[index]?.link) ?? null,
      getOutputNodes: (index) =>
        node.outputs[index].links.map((id) => graph.getNodeById(graph.getLink(id).target_id)),
      isInputConnected: (index) => node.inputs[index]?.link != null,
      ...more,
    };
    this.nodes.push(node);
    return node;
  }

  /** Links an output, or a subgraph's input (origin -10), to the input of a name. */
  link(origin, slot, target, name) {
    const id = this.links.size + 1;
    let input = target.inputs.find((each) => each.name === name);
    if (!input) {
      input = { name, type: "*", link: null, widget: { name } };
      target.inputs.push(input);
    }
    input.link = id;
    origin.outputs?.[slot].links.push(id);
    this.links.set(id, {
      id, origin_id: origin.id ?? -10, origin_slot: slot, target_id: target.id,
    });
  }
}

const SELECTOR_OUT = ["direction:WANDERLENS_DIRECTION", "text:STRING", "fps:INT", "duration:FLOAT",
  "loop:BOOLEAN"];
const STYLE_OUT = ["image:IMAGE", "image_style:WANDERLENS_STYLE"];

function direction(graph, widgets = {}) {
  return graph.add("CinematicDirection", {
    inputs: ["preset:WANDERLENS_DIRECTION", "image_style:WANDERLENS_STYLE"],
    widgets: {
      direction: "wind", camera: "from preset", pacing: "none", look: "noir",
      include_image_prompt: true, include_image_style: false, negative: "blur", max_words: 80,
      loop: false, [PROMPT_PREVIEW_WIDGET]: "", ...widgets,
    },
  });
}

function selector(graph, preset = "ambient/rain") {
  const widgets = { preset, intensity: 0.5 };
  return graph.add("PresetSelector", { outputs: SELECTOR_OUT, widgets });
}

function still(graph, widgets = {}) {
  return graph.add("ImageStyleCarryover", {
    inputs: ["image:IMAGE"], outputs: STYLE_OUT,
    widgets: { include: true, source: "auto", image_file: "", prompt_text: "", ...widgets },
  });
}

function loader(graph, image = "sub/a.png", more = {}) {
  return graph.add("LoadImage", {
    outputs: ["IMAGE:IMAGE", "MASK:MASK"], widgets: { image, upload: "image" }, ...more,
  });
}

const OWN = {
  direction: "wind", camera: "from preset", pacing: "none", look: "noir",
  include_image_prompt: true, include_image_style: false, negative: "blur", max_words: 80,
  loop: false,
};

test("a node alone is composed from its widgets", () => {
  assert.deepEqual(promptInputs(direction(new Graph()), PRESETS), { body: OWN, later: [] });
});

test("a preset is read through its link, its loop too", () => {
  const graph = new Graph();
  const [node, preset] = [direction(graph), selector(graph)];
  graph.link(preset, 0, node, "preset");
  graph.link(preset, 4, node, "loop");
  assert.deepEqual(promptInputs(node, PRESETS), {
    body: { ...OWN, preset: "ambient/rain", intensity: 0.5, loop: true }, later: [],
  });
  preset.widgets[0].value = "user/gone";
  assert.deepEqual(promptInputs(node, PRESETS).later, ["loop"]);
});

test("links from elsewhere are known when the node runs, primitives at once", () => {
  const graph = new Graph();
  const node = direction(graph);
  graph.link(graph.add("Any", { outputs: ["x:STRING"] }), 0, node, "direction");
  graph.link(graph.add("Any", { outputs: ["x:WANDERLENS_DIRECTION"] }), 0, node, "preset");
  graph.link(graph.add("PrimitiveBoolean", {
    outputs: ["BOOLEAN:BOOLEAN"], widgets: { value: true },
  }), 0, node, "loop");
  const { body, later } = promptInputs(node, PRESETS);
  assert.deepEqual(later, ["direction", "preset"]);
  assert.equal(body.loop, true);
  assert.ok(!("direction" in body));
});

test("reroutes and bypassed nodes are passed, muted ones give nothing", () => {
  const graph = new Graph();
  const [node, preset] = [direction(graph), selector(graph)];
  const reroute = graph.add("Reroute", { inputs: [":*"], outputs: [":*"] });
  const through = graph.add("Any", {
    inputs: ["a:INT", "b:WANDERLENS_DIRECTION"], outputs: ["x:WANDERLENS_DIRECTION"], mode: 4,
  });
  graph.link(preset, 0, through, "b");
  graph.link(through, 0, reroute, "");
  graph.link(reroute, 0, node, "preset");
  assert.equal(promptInputs(node, PRESETS).body.preset, "ambient/rain");
  preset.mode = 2;
  assert.deepEqual(promptInputs(node, PRESETS), { body: OWN, later: [] });
  preset.mode = 4; // it has no input to go on to
  assert.deepEqual(sourceOf(node, "preset"), { kind: "none" });
});

test("links in a circle end", () => {
  const graph = new Graph();
  const [a, b] = ["a", "b"].map(() => graph.add("Reroute", { inputs: ["i:*"], outputs: ["o:*"] }));
  graph.link(a, 0, b, "i");
  graph.link(b, 0, a, "i");
  assert.deepEqual(sourceOf(a, "i"), { kind: "unknown" });
});

test("what carries over is read from the still's node and its loader", () => {
  const graph = new Graph();
  const [node, style] = [direction(graph), still(graph, { prompt_text: "a fox" })];
  const scale = graph.add("ImageScaleBy", { inputs: ["image:IMAGE"], outputs: ["IMAGE:IMAGE"] });
  graph.link(style, 1, node, "image_style");
  graph.link(loader(graph), 0, scale, "image");
  graph.link(scale, 0, style, "image");
  const brief = () => promptInputs(node, PRESETS);
  assert.deepEqual(brief(), {
    body: { ...OWN, source: "auto", prompt_text: "a fox", image: "sub/a.png" }, later: [],
  });
  style.widgets[2].value = "b.png [output]";
  assert.equal(brief().body.image, "b.png [output]");
  style.widgets[1].value = "pixels";
  assert.equal(brief().body.image, "sub/a.png", "a named file is not asked for pixels");
  style.widgets[0].value = false;
  assert.deepEqual(brief(), { body: OWN, later: [] });
});

test("a still that is made in the graph is known when it runs", () => {
  const graph = new Graph();
  const [node, style] = [direction(graph), still(graph)];
  const decode = graph.add("VAEDecode", {
    inputs: ["samples:LATENT", "vae:VAE"], outputs: ["IMAGE:IMAGE"],
  });
  graph.link(style, 1, node, "image_style");
  graph.link(decode, 0, style, "image");
  assert.deepEqual(promptInputs(node, PRESETS).later, ["image_style"]);
  style.widgets[1].value = "text";
  assert.deepEqual(promptInputs(node, PRESETS).later, []);
  assert.equal(pictureFile(style, "image"), null);
});

/** A graph with a subgraph node, and the subgraph. */
function nested() {
  const graph = new Graph();
  const inner = new Graph(graph);
  graph.subgraphs.set("s", inner);
  const outer = graph.add("s", {
    inputs: ["preset:WANDERLENS_DIRECTION"], outputs: ["out:WANDERLENS_DIRECTION"],
    subgraph: inner, isSubgraphNode: () => true,
    resolveSubgraphOutputLink(slot) {
      return inner.outputs?.[slot];
    },
  });
  inner.inputs = [{}];
  return { graph, inner, outer };
}

test("links lead out of a subgraph that is used once", () => {
  const { graph, inner, outer } = nested();
  const node = direction(inner);
  inner.link({}, 0, node, "preset");
  assert.deepEqual(sourceOf(node, "preset"), { kind: "none" });
  graph.link(selector(graph), 0, outer, "preset");
  assert.equal(promptInputs(node, PRESETS).body.preset, "ambient/rain");
  graph.add("s", { subgraph: inner });
  assert.deepEqual(promptInputs(node, PRESETS).later, ["preset"], "which of the two is not known");
});

test("a widget of the subgraph's node counts inside", () => {
  const { inner, outer } = nested();
  const node = direction(inner);
  inner.link({}, 0, node, "direction");
  outer.inputs = [{ name: "words", link: null, widget: { name: "words" } }];
  outer.widgets = [{ name: "words", value: "rain" }];
  assert.deepEqual(widgetValue(node, "direction"), { known: true, value: "rain" });
});

test("links lead into a subgraph, and what lies in it leads out of the same node again", () => {
  const { graph, inner, outer } = nested();
  const preset = selector(inner);
  inner.outputs = [{ outputNode: preset, link: { origin_slot: 0 } }];
  inner.link({}, 0, preset, "preset");
  const again = graph.add("s", { subgraph: inner });
  outer.inputs = [{ name: "preset", link: null, widget: { name: "preset" } }];
  outer.widgets = [{ name: "preset", value: "ambient/rain" }];
  const node = direction(graph);
  graph.link(outer, 0, node, "preset");
  assert.equal(promptInputs(node, PRESETS).body.preset, "ambient/rain");
  assert.equal(again.subgraph, inner);
});

test("the picture near a node is that of the loader linked closest, else of the nearest", () => {
  const graph = new Graph();
  const [preset, node] = [selector(graph), direction(graph)];
  assert.equal(pictureNear(preset), null);
  const far = loader(graph, "far.png", { pos: [900, 0] });
  loader(graph, "near.png", { pos: [100, 0] });
  assert.equal(pictureNear(preset), "near.png");
  const style = still(graph);
  graph.link(preset, 0, node, "preset");
  graph.link(style, 1, node, "image_style");
  graph.link(far, 0, style, "image");
  assert.equal(pictureNear(preset), "far.png");
});

/** A server that answers when it is told to. */
function slowHost(graph) {
  const asked = [];
  return {
    asked,
    app: { canvas: { graph } },
    t: (key, values = {}) => [key, ...Object.values(values)].join(" "),
    postJson: (path, body, signal) => new Promise((answer, refuse) => {
      asked.push({ path, body, signal, answer, refuse });
    }),
  };
}

function composerOf(graph, node) {
  const host = slowHost(graph);
  const shown = [];
  const list = [];
  const presets = { ...PRESETS, error: null, ensure: async () => {}, all: () => list };
  const preview = new PromptPreview(host, presets, node, (each) => shown.push(each));
  return { host, shown, presets, preview };
}

const tick = () => new Promise((done) => setTimeout(done));
const ANSWER = { positive: "wind", negative: "blur", report: "Prompt: 1 word.", carried: null };

test("one question at a time; only the last one's answer is shown", async () => {
  const graph = new Graph();
  const node = direction(graph);
  const { host, shown, preview } = composerOf(graph, node);
  preview.compose();
  await tick();
  node.widgets[0].value = "rain";
  preview.compose();
  await tick();
  assert.deepEqual(host.asked.map((each) => each.body.direction), ["wind", "rain"]);
  assert.equal(host.asked[0].path, "/wanderlens/compose");
  assert.deepEqual(host.asked.map((each) => each.signal.aborted), [true, false]);
  host.asked[0].refuse(new Error("aborted"));
  host.asked[1].answer(ANSWER);
  await tick();
  assert.deepEqual(shown, [
    { positive: "wind", negative: "blur", report: "Prompt: 1 word.", later: "", error: "" },
  ]);
});

test("what the server refuses is shown beside what was composed last", async () => {
  const graph = new Graph();
  const node = direction(graph);
  const { host, shown, preview } = composerOf(graph, node);
  preview.compose();
  await tick();
  host.asked[0].answer(ANSWER);
  await tick();
  graph.link(graph.add("Any", { outputs: ["x:STRING"] }), 0, node, "negative");
  preview.compose();
  await tick();
  host.asked[1].refuse(new HostError("preset must be one that exists", 400));
  await tick();
  assert.deepEqual(shown[1], {
    positive: "wind", negative: "blur", report: "Prompt: 1 word.",
    later: "composed.later negative", error: "preset must be one that exists",
  });
});

test("a node that is not seen asks nothing, and other presets make an answer old", async () => {
  const graph = new Graph();
  const node = direction(graph);
  const { host, presets, preview } = composerOf(graph, node);
  assert.match(preview.requestKey(), /wind/);
  node.flags = { collapsed: true };
  assert.equal(preview.requestKey(), null);
  node.flags = {};
  host.app.canvas.graph = new Graph();
  assert.equal(preview.requestKey(), null);
  assert.equal(preview.isStale(), false);
  preview.compose();
  await tick();
  assert.equal(preview.isStale(), false);
  presets.all = () => [];
  assert.equal(preview.isStale(), true);
});

/** A node of a page whose timer is told when to look, and what listens to the page's events. */
function noded() {
  const made = () => ({
    style: {}, classList: { add() {} }, setAttribute() {}, append() {},
  });
  let timers = [];
  let heard = 0;
  const graph = new Graph();
  const page = {
    createElement: made,
    querySelectorAll: () => [],
    defaultView: {
      setInterval: (look) => timers.push(look) && look,
      clearInterval: (look) => (timers = timers.filter((each) => each !== look)),
      performance,
      reportError: (error) => {
        throw error;
      },
    },
  };
  const host = {
    page, t: (key) => key, app: { rootGraph: graph, canvas: { graph } },
    on: () => {
      heard += 1;
      return () => (heard -= 1);
    },
  };
  const told = [];
  const node = {
    graph: null,
    onAdded: () => told.push("added"),
    onRemoved: () => told.push("removed"),
    addDOMWidget(name, type, box, options) {
      this.widget = { name, type, box, options };
      return this.widget;
    },
  };
  const presets = Object.assign(new EventTarget(), { loaded: false, byId: () => null });
  const add = (to) => {
    node.graph = to;
    node.onAdded();
  };
  return {
    graph, host, node, presets, told, add,
    look: () => timers.forEach((each) => each()),
    working: () => [timers.length, heard],
  };
}

test("the box is no part of prompt and workflow", () => {
  const { host, node, presets } = noded();
  addPromptPreview(node, { host, presets });
  assert.equal(node.widget.name, PROMPT_PREVIEW_WIDGET);
  assert.equal(node.widget.serialize, false);
  assert.equal(node.widget.options.serialize, false);
  assert.equal(node.widget.options.getValue(), "");
});

for (const [name, add, heard] of [
  ["composed prompt", addPromptPreview, 1], ["gallery", addPresetGallery, 0],
]) {
  test(`a ${name} works while its node is in a graph of the page`, () => {
    const { graph, host, node, presets, told, add: put, working } = noded();
    add(node, { host, presets });
    assert.deepEqual(working(), [0, 0], "nothing is done for a node that is only a copy's source");
    put(graph);
    assert.deepEqual(working(), [1, heard]);
    node.onRemoved();
    assert.deepEqual(working(), [0, 0], "nothing looks at a node that is gone");
    put(graph);
    assert.deepEqual(working(), [1, heard], "a node may come back");
    node.onRemoved();
    assert.deepEqual(told, ["added", "removed", "added", "removed"]);
  });

  test(`a ${name} ends with the subgraph of another workflow, which tells no node`, () => {
    const { graph, host, node, presets, add: put, look, working } = noded();
    const inner = new Graph(graph);
    graph.subgraphs.set("s", inner);
    add(node, { host, presets });
    put(inner);
    look();
    assert.deepEqual(working(), [1, heard]);
    graph.subgraphs.clear();
    graph.subgraphs.set("s", new Graph(graph));
    look();
    assert.deepEqual(working(), [0, 0]);
  });
}
