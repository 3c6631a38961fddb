// Run with: node --test tests/js/
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { create, openAsGraph } from "../../web/lib/convert/create.mjs";
import { startValues } from "../../web/lib/convert/form.mjs";
import { fill, link, loadTemplate, nodeOf, nodesOf, widgetIndex } from "../../web/lib/workflows/template.mjs";
import {
  bridgeWorkflow, combineWorkflow, convertWorkflow, extendWorkflow, loopWorkflow,
} from "../../web/lib/workflows/build.mjs";

const WORKFLOWS = new URL("../../workflows/", import.meta.url);
const PICTURE = { filename: "a fox.png", subfolder: "wanderlens", type: "input" };
const CLIP = { filename: "clip_00001_.mp4", subfolder: "video", type: "output" };
const NEXT = { filename: "next.mp4", subfolder: "", type: "input" };

/** A host that serves the bundled workflows as ComfyUI does. */
function host() {
  return {
    pack: "my pack",
    setting: () => undefined,
    t: (key) => key,
    async request(path) {
      const [, folder, pack, ...file] = path.split("/").map(decodeURIComponent);
      assert.deepEqual([folder, pack], ["workflow_templates", "my pack"]);
      return new Response(await readFile(new URL(file.map(encodeURIComponent).join("/"), WORKFLOWS)));
    },
  };
}

const values = (given = {}) => startValues(host(), "convert", {
  direction: "leaves fall", seed: 7, camera: "push in", negative: "text", ...given,
});

/** What ComfyUI's page would queue for a UI form, by its links and widgets. */
function promptOf(workflow) {
  const links = new Map(workflow.links.map((each) => [each[0], each]));
  const prompt = {};
  for (const node of workflow.nodes) {
    if (node.type === "MarkdownNote" || node.type === "Note") continue;
    const inputs = {};
    for (const slot of node.inputs) {
      const index = slot.widget ? widgetIndex(node, slot.name) : null;
      const [, from, output] = links.get(slot.link) ?? [];
      if (from !== undefined) inputs[slot.name] = [String(from), output];
      else if (index !== null) inputs[slot.name] = node.widgets_values[index];
    }
    prompt[node.id] = { class_type: node.type, inputs };
  }
  return prompt;
}

/** Every link is known at both of its ends and in the list, and ids are used once. */
function assertWhole(workflow) {
  const { nodes, links } = workflow;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  assert.equal(byId.size, nodes.length);
  assert.equal(new Set(links.map(([id]) => id)).size, links.length);
  for (const [id, from, fromSlot, to, toSlot, type] of links) {
    const output = byId.get(from).outputs[fromSlot];
    assert.ok(output.links.includes(id));
    assert.equal(output.type, type);
    const input = byId.get(to).inputs[toSlot];
    assert.equal(input.link, id);
    assert.ok(input.type === type || input.type === "*", `${input.type} takes ${type}`);
  }
  const ends = nodes.flatMap((node) => [
    ...node.inputs.map(({ link: id }) => id),
    ...node.outputs.flatMap(({ links: ids }) => ids ?? []),
  ]).filter((id) => id !== null);
  assert.equal(ends.length, 2 * links.length);
  assert.ok(links.every(([id]) => id <= workflow.last_link_id));
  assert.ok(nodes.every(({ id }) => id <= workflow.last_node_id));
}

/** No node lies on another. */
function assertLaidOut({ nodes }) {
  for (const [index, one] of nodes.entries()) {
    for (const other of nodes.slice(index + 1)) {
      const apart = [0, 1].some((axis) => one.pos[axis] + one.size[axis] <= other.pos[axis]
        || other.pos[axis] + other.size[axis] <= one.pos[axis]);
      assert.ok(apart, `${one.id} ${one.type} lies on ${other.id} ${other.type}`);
    }
  }
}

function assertSame({ prompt, workflow }) {
  const bare = Object.fromEntries(Object.entries(prompt)
    .map(([id, { class_type, inputs }]) => [id, { class_type, inputs }]));
  assert.deepEqual(bare, promptOf(workflow));
  assertWhole(workflow);
  assertLaidOut(workflow);
}

/** The inputs of the one node of a class. */
function inputsOf({ prompt }, type) {
  const found = Object.values(prompt).filter(({ class_type }) => class_type === type);
  assert.equal(found.length, 1, type);
  return found[0].inputs;
}

const MODELS = {
  high_noise: "sub/high.gguf", low_noise: "low.safetensors", one_model: "five.safetensors",
  text_encoder: "umt5.safetensors", vae: "vae.safetensors", vae_5b: "vae5.safetensors",
  lora_high: "lh.safetensors", lora_low: "ll.safetensors",
};

test("both forms of every bundled workflow are the same", async () => {
  for (const name of ["Image to video A14B", "Loop", "Extend a clip", "Bridge two clips"]) {
    assertSame(await loadTemplate(host(), name));
  }
});

test("both forms hold the same for every choice", async () => {
  for (const family of ["a14b", "5b"]) {
    for (const quality of ["fast", "standard", "best"]) {
      for (const preset of ["", "landscape/morning mist"]) {
        for (const loop of [false, true]) {
          for (const draft of [false, true]) {
            const all = values({ family, quality, preset, loop, draft, models: MODELS, fps: 32 });
            const made = await convertWorkflow(host(), all, PICTURE);
            assertSame(made);
            const fast = family === "a14b" && (draft || quality === "fast");
            const shot = inputsOf(made, "Wan22ImageToVideo");
            const slow = draft || quality === "fast" ? "standard" : quality; // the 5B has no fast one
            assert.equal(shot.quality, fast ? "fast" : slow);
            assert.equal(shot.loop, loop);
            assert.equal(shot.seed, 7);
            assert.equal(inputsOf(made, "CinematicDirection").loop, loop);
            assert.equal(inputsOf(made, "LoadImage").image, "wanderlens/a fox.png");
            assert.equal(nodesOf(made, "LoraLoaderModelOnly").length, fast ? 2 : 0);
            assert.equal(nodesOf(made, "PresetSelector").length, preset ? 1 : 0);
            assertSame(await extendWorkflow(host(), all, CLIP));
            assertSame(await bridgeWorkflow(host(), all, CLIP, NEXT));
          }
        }
      }
    }
  }
});

test("a picture becomes a clip as the form says", async () => {
  const made = await convertWorkflow(host(), values({
    fps: 24, duration: 3.5, resolution: "720p", intensity: 0.4, preset: "portrait/a",
    include_image_style: false, models: MODELS,
  }), { ...PICTURE, type: "temp" });
  assert.equal(made.kind, "convert");
  assert.equal(made.title, "a fox: leaves fall");
  assert.equal(inputsOf(made, "LoadImage").image, "wanderlens/a fox.png [temp]");
  const { fps, duration, resolution } = inputsOf(made, "Wan22ImageToVideo");
  assert.deepEqual([fps, duration, resolution], [24, 3.5, "720p"]);
  const direction = inputsOf(made, "CinematicDirection");
  assert.deepEqual(
    [direction.direction, direction.camera, direction.negative, direction.include_image_style],
    ["leaves fall", "push in", "text", false],
  );
  const selector = nodeOf(made, { type: "PresetSelector" });
  assert.deepEqual(direction.preset, [String(selector.id), 0]);
  assert.deepEqual(made.prompt[selector.id].inputs, { preset: "portrait/a", intensity: 0.4 });
  assert.equal(inputsOf(made, "VAELoader").vae_name, "vae.safetensors");
  const experts = nodesOf(made, "UNETLoader").map(({ id }) => made.prompt[id].inputs.unet_name);
  assert.deepEqual(experts, ["sub/high.gguf", "low.safetensors"]);
});

test("a draft is small, fast and of the same seed, and says so in its file's name", async () => {
  const draft = await convertWorkflow(host(), values({ draft: true, resolution: "720p", quality: "best" }),
    PICTURE);
  const { resolution, quality, seed } = inputsOf(draft, "Wan22ImageToVideo");
  assert.deepEqual([resolution, quality, seed], ["480p", "fast", 7]);
  assert.equal(inputsOf(draft, "SaveVideo").filename_prefix, "video/wanderlens_draft");
});

test("an extension goes on from the clip, with the models that it needs", async () => {
  const all = values({ duration: 2, context_frames: 9, color_match: 0.5, loop: true, models: MODELS });
  const made = await extendWorkflow(host(), { ...all, quality: "fast" }, CLIP);
  assert.equal(inputsOf(made, "LoadVideo").file, "video/clip_00001_.mp4 [output]");
  const extension = inputsOf(made, "FrameContinuityExtend");
  const { duration, context_frames, color_match, close_loop, join } = extension;
  assert.deepEqual([duration, context_frames, color_match, close_loop, join],
    [2, 9, 0.5, true, "generate"]);
  const loras = nodesOf(made, "LoraLoaderModelOnly");
  assert.deepEqual(loras.map(({ id }) => made.prompt[id].inputs.lora_name),
    ["lh.safetensors", "ll.safetensors"]);
  assert.deepEqual([extension.high_noise, extension.low_noise],
    loras.map(({ id }) => [String(id), 0]));
  const small = await extendWorkflow(host(), { ...all, family: "5b", loop: false }, CLIP);
  assert.equal(inputsOf(small, "UNETLoader").unet_name, "five.safetensors");
  assert.equal(inputsOf(small, "VAELoader").vae_name, "vae5.safetensors");
  assert.equal("low_noise" in inputsOf(small, "FrameContinuityExtend"), false);
});

test("a bridge leads from one clip to the next", async () => {
  const made = await bridgeWorkflow(host(), { ...values(), family: "5b", models: MODELS }, CLIP, NEXT);
  assert.deepEqual(nodesOf(made, "LoadVideo").map(({ id }) => made.prompt[id].inputs.file),
    ["video/clip_00001_.mp4 [output]", "next.mp4"]);
  assert.equal(nodesOf(made, "UNETLoader").length, 2, "the 5B makes no bridges");
  assert.equal(made.title, "clip_00001_ → next");
});

test("a clip becomes a loop without models", async () => {
  const made = await loopWorkflow(host(), CLIP);
  assertSame(made);
  assert.equal(inputsOf(made, "LoadVideo").file, "video/clip_00001_.mp4 [output]");
});

test("any number of clips is combined, in order", async () => {
  for (const count of [2, 3, 7]) {
    const clips = Array.from({ length: count }, (_, index) => ({ ...CLIP, filename: `${index}.mp4` }));
    const made = await combineWorkflow(host(), clips);
    assertSame(made);
    assert.deepEqual(nodesOf(made, "LoadVideo").map(({ id }) => made.prompt[id].inputs.file),
      clips.map(({ filename }) => `video/${filename} [output]`));
    // From the video back to the first clip: each join takes what was joined before it.
    let [at] = inputsOf(made, "CreateVideo").images;
    for (let left = count - 1; left > 0; left -= 1) {
      const { class_type, inputs } = made.prompt[at];
      assert.equal(class_type, "FrameContinuityExtend");
      assert.equal(inputs.join, "motion crossfade");
      const video = made.prompt[made.prompt[inputs.next_frames[0]].inputs.video[0]];
      assert.equal(video.inputs.file, `video/${left}.mp4 [output]`);
      assert.equal(inputs.clip_fps[0], inputs.frames[0]);
      at = inputs.frames[0];
    }
    assert.equal(made.prompt[made.prompt[at].inputs.video[0]].inputs.file, "video/0.mp4 [output]");
  }
  await assert.rejects(combineWorkflow(host(), [CLIP]));
});

test("a value ends the link of its widget, and a link the value", async () => {
  const template = await loadTemplate(host(), "Preset and custom direction");
  fill(template, [
    { node: { type: "Wan22ImageToVideo" }, input: "fps", value: 32 },
    { node: { type: "Wan22ImageToVideo" }, input: "boundary", value: 0.8 },
  ]);
  assertSame(template);
  assert.equal(inputsOf(template, "Wan22ImageToVideo").fps, 32);
  const selector = nodeOf(template, { type: "PresetSelector" });
  link(template, selector, "fps", nodeOf(template, { type: "Wan22ImageToVideo" }), "fps");
  assertSame(template);
  assert.throws(() => fill(template, [{ node: { type: "SaveVideo" }, input: "none", value: 1 }]));
  assert.throws(() => nodeOf(template, { type: "UNETLoader" }));
});

test("each has a workflow of its own", async () => {
  const here = host();
  const [one, other] = [await loadTemplate(here, "Loop"), await loadTemplate(here, "Loop")];
  assert.notEqual(one.workflow.id, other.workflow.id);
  fill(one, [{ node: { type: "SaveVideo" }, input: "filename_prefix", value: "x" }]);
  assert.equal(inputsOf(other, "SaveVideo").filename_prefix, "video/wanderlens_loop");
});

test("titles are short", async () => {
  const long = values({ direction: "word ".repeat(60) });
  const { title } = await convertWorkflow(host(), long, { ...PICTURE, filename: `${"x".repeat(90)}.png` });
  assert.ok(title.length < 80 && title.includes("…"), title);
  const bare = await convertWorkflow(host(), values({ direction: "", preset: "portrait/soft gaze" }), PICTURE);
  assert.equal(bare.title, "a fox: soft gaze");
});

test("what is called off while it is built is neither queued nor opened", async () => {
  for (const closed of [false, true]) {
    const done = [];
    const page = { ...host(), app: { loadGraphData: async () => void done.push("opened") } };
    const jobs = { submit: async () => done.push("queued") && "an id" };
    const ending = new AbortController();
    const { signal } = ending;
    const source = { picture: PICTURE };
    const making = create({ host: page, jobs }, "convert", values(), source, { signal });
    const opening = openAsGraph(page, "convert", values(), source, signal);
    if (closed) ending.abort();
    assert.equal(await making, closed ? null : "an id");
    await opening;
    assert.deepEqual(done.sort(), closed ? [] : ["opened", "queued"]);
  }
});
