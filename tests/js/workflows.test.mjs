// Run with: node --test tests/js/
import assert from "node:assert/strict";
import { test } from "node:test";

import { create, openAsGraph } from "../../web/lib/convert/create.mjs";
import { startValues } from "../../web/lib/convert/form.mjs";
import {
  bridgeWorkflow, combineWorkflow, convertWorkflow, extendWorkflow, loopWorkflow,
} from "../../web/lib/workflows/build.mjs";

const PICTURE = { filename: "a fox.png", subfolder: "wanderlens", type: "input" };
const CLIP = { filename: "clip_00001_.mp4", subfolder: "video", type: "output" };
const NEXT = { filename: "next.mp4", subfolder: "", type: "input" };
const BUILT = { prompt: {}, workflow: { nodes: [] }, title: "a fox: leaves fall", kind: "convert" };

/** A host whose server answers with a workflow and notes what it was asked. */
function host() {
  const asked = [];
  return {
    asked,
    setting: () => undefined,
    t: (key) => key,
    postJson: async (path, body) => asked.push([path, body]) && structuredClone(BUILT),
  };
}

const values = (given = {}) => startValues(host(), "convert", {
  direction: "leaves fall", seed: 7, camera: "push in", negative: "text", ...given,
});

/** What is asked of the server, whose own tests say what it answers. */
async function asked(build) {
  const here = host();
  assert.deepEqual(await build(here), BUILT);
  const [[path, body]] = here.asked;
  assert.equal(path, "/wanderlens/workflow");
  return body;
}

test("the server gets the form's values and the files", async () => {
  const all = values({ fps: 24 });
  const convert = await asked((here) => convertWorkflow(here, all, PICTURE));
  assert.deepEqual(convert, { kind: "convert", values: all, picture: PICTURE });
  const extend = await asked((here) => extendWorkflow(here, all, CLIP));
  assert.deepEqual(extend, { kind: "extend", values: all, clip: CLIP });
  const bridge = await asked((here) => bridgeWorkflow(here, all, CLIP, NEXT));
  assert.deepEqual(bridge, { kind: "bridge", values: all, clip: CLIP, next: NEXT });
  assert.deepEqual(await asked((here) => loopWorkflow(here, CLIP)), { kind: "loop", clip: CLIP });
});

test("a draft is small and fast, the 5B has no fast setting, and only the A14B makes bridges", async () => {
  const draft = values({ draft: true, resolution: "720p", quality: "best" });
  const { values: sent } = await asked((here) => convertWorkflow(here, draft, PICTURE));
  assert.deepEqual([sent.resolution, sent.quality, sent.draft, sent.seed], ["480p", "fast", true, 7]);
  const small = values({ family: "5b", quality: "fast" });
  const extend = await asked((here) => extendWorkflow(here, small, CLIP));
  assert.equal(extend.values.quality, "standard");
  const bridge = await asked((here) => bridgeWorkflow(here, small, CLIP, NEXT));
  assert.deepEqual([bridge.values.family, bridge.values.quality], ["a14b", "fast"]);
});

test("clips are combined with texts in the page's language, two at least", async () => {
  const body = await asked((here) => combineWorkflow(here, [CLIP, NEXT]));
  assert.deepEqual(body.clips, [CLIP, NEXT]);
  assert.deepEqual(Object.keys(body.texts), ["note_title", "note", "join", "video"]);
  await assert.rejects(combineWorkflow(host(), [CLIP]), /combine_two/);
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
