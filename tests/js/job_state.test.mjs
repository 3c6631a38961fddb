// Run with: node --test tests/js/
import assert from "node:assert/strict";
import { test } from "node:test";

import { fraction } from "../../web/lib/activity/eta.mjs";
import { isUnfinished, newJob } from "../../web/lib/activity/job.mjs";
import { applyEvent } from "../../web/lib/activity/job_state.mjs";

const PROMPT = {
  2: { class_type: "LoadImage", inputs: { image: "example.png" } },
  4: { class_type: "UNETLoader", inputs: {} },
  9: { class_type: "CLIPTextEncode", inputs: {} },
  11: { class_type: "Wan22ImageToVideo", inputs: { seed: 1 } },
  12: { class_type: "CreateVideo", inputs: {} },
  13: { class_type: "SaveVideo", inputs: {} },
  14: { class_type: "PreviewAny", inputs: {} },
};
const CLIP = { filename: "wanderlens_00001_.mp4", subfolder: "video", type: "output" };
const FAILURE = { message: "no", node: "SaveVideo", details: "no", memory: false };

const fresh = (more = {}) => newJob({ id: "a", created: 0, prompt: PROMPT, ...more });

const stage = (at, name, more = {}) => ({
  type: "stage",
  at,
  node: "11",
  stage: name,
  shot: 1,
  shots: 1,
  stamp: at,
  since: at,
  started: 543,
  ...more,
});
const steps = (at, value, max = 12, node = "11") => ({ type: "progress", at, node, value, max });

/** What ComfyUI 0.8.0 said of a clip of one second, 12 steps, the nano model. */
const RECORDED = [
  { type: "start", at: 4 },
  { type: "cached", at: 20, nodes: [] },
  { type: "executing", at: 268, node: "2" },
  { type: "executing", at: 317, node: "4" },
  { type: "executing", at: 513, node: "9" },
  { type: "executing", at: 543, node: "11" },
  stage(646, "encode"),
  stage(11_347, "high noise"),
  steps(11_839, 1),
  steps(12_216, 2),
  steps(12_700, 3),
  steps(13_077, 4),
  steps(13_496, 5),
  stage(13_497, "low noise"),
  steps(13_870, 6),
  steps(14_365, 7),
  steps(14_850, 8),
  steps(15_335, 9),
  steps(15_835, 10),
  steps(16_259, 11),
  steps(16_695, 12),
  stage(16_696, "decode"),
  { type: "executed", at: 36_924, clip: null },
  { type: "executing", at: 36_941, node: "14" },
  { type: "executing", at: 36_955, node: "12" },
  { type: "executing", at: 36_960, node: "13" },
  { type: "executed", at: 37_215, clip: CLIP },
  { type: "success", at: 37_659 },
];

const after = (events, job = fresh()) => events.reduce(applyEvent, job);

test("a recorded run goes through its stages and ends with its clip", () => {
  const seen = [];
  let job = fresh();
  for (const event of RECORDED) {
    job = applyEvent(job, event);
    if (seen.at(-1) !== job.stage) seen.push(job.stage);
  }
  assert.deepEqual(seen, [
    null,
    "prepare",
    "load",
    "text",
    "prepare",
    "encode",
    "high noise",
    "low noise",
    "decode",
    "save",
    null,
  ]);
  assert.equal(job.state, "finished");
  assert.deepEqual(job.clip, CLIP);
  assert.equal(job.started, 4);
  assert.equal(job.ended, 37_659);
  assert.equal(job.done, 12);
  assert.equal(job.total, 12);
});

test("steps and time left are there in the middle of it", () => {
  const job = after(RECORDED.filter(({ at }) => at <= 14_850));
  assert.equal(job.state, "running");
  assert.equal(job.stage, "low noise");
  assert.equal(job.done, 8);
  assert.ok(job.eta > 1 && job.eta < 2.5, String(job.eta)); // 4 steps of 0.44 s
});

test("the share that is done only grows", () => {
  let job = fresh();
  let before = 0;
  for (const event of RECORDED) {
    job = applyEvent(job, event);
    const share = fraction(job);
    if (share === null) continue;
    assert.ok(share >= before, `${share} after ${before} at ${event.at}`);
    before = share;
  }
  assert.equal(before, 1);
});

test("every message twice changes nothing", () => {
  const twice = RECORDED.flatMap((event) => [event, event]);
  const { etaAt: _, ...job } = after(twice);
  const { etaAt: __, ...once } = after(RECORDED);
  assert.deepEqual(job, once);
});

test("a repeated message gives the same object, so that nothing is drawn", () => {
  const job = after(RECORDED.slice(0, 12));
  assert.equal(applyEvent(job, RECORDED[11]), job);
  assert.equal(applyEvent(job, { type: "running", at: 99_999 }), job);
});

test("messages in any order end in the same state", () => {
  // The end may be told first: by the history, while messages are still on their way.
  for (const order of [[...RECORDED].reverse(), [RECORDED.at(-1), ...RECORDED]]) {
    const job = after(order);
    assert.equal(job.state, "finished");
    assert.deepEqual(job.clip, CLIP);
  }
});

test("an old stage does not come back", () => {
  const job = after(RECORDED.slice(0, 22));
  assert.equal(applyEvent(job, stage(646, "encode")), job);
  const saving = after(RECORDED.slice(0, 26));
  assert.equal(saving.stage, "save");
  // What a page asks for when it is loaded may be the last stage of a node that is over.
  assert.equal(applyEvent(saving, stage(16_696, "decode", { at: 40_000 })), saving);
});

test("steps do not go backwards", () => {
  const job = after(RECORDED.slice(0, 15));
  assert.equal(job.done, 6);
  assert.equal(applyEvent(job, steps(14_000, 4)), job);
});

test("without any message of the start it runs as soon as something is heard", () => {
  const job = applyEvent(fresh(), steps(50, 3));
  assert.equal(job.state, "running");
  assert.equal(job.done, 3);
  assert.equal(applyEvent(fresh(), stage(646, "encode")).started, 543);
});

test("an error ends it with what was said, and stays", () => {
  const failed = after([...RECORDED.slice(0, 20), { type: "error", at: 9, error: FAILURE }]);
  assert.equal(failed.state, "failed");
  assert.deepEqual(failed.error, FAILURE);
  assert.equal(failed.stage, null);
  assert.equal(failed.eta, null);
  assert.equal(applyEvent(failed, { type: "success", at: 10 }), failed);
  assert.equal(applyEvent(failed, steps(11, 7)), failed);
});

test("a cancelled job is cancelled, whatever a node makes of it", () => {
  const asked = after([{ type: "start", at: 1 }, { type: "cancelling", on: true, at: 2 }]);
  assert.equal(asked.cancelling, true);
  for (const end of [
    { type: "interrupted", at: 3 },
    { type: "error", at: 3, error: FAILURE },
    { type: "gone", state: "cancelled", at: 3 },
  ]) {
    const job = applyEvent(asked, end);
    assert.equal(job.state, "cancelled");
    assert.equal(job.error, null);
    assert.equal(job.cancelling, false);
  }
});

test("what finished before the cancelling came is finished", () => {
  const asked = after([...RECORDED.slice(0, -1), { type: "cancelling", on: true, at: 37_300 }]);
  assert.equal(applyEvent(asked, RECORDED.at(-1)).state, "finished");
  const cancelled = applyEvent(asked, { type: "gone", state: "cancelled", at: 38_000 });
  const times = { started: 4, ended: 37_659, at: 40_000 };
  const end = { type: "ended", state: "finished", clip: CLIP, error: null };
  assert.equal(applyEvent(cancelled, { ...end, ...times }).state, "finished");
});

test("a running job does not wait again because of a late answer", () => {
  const job = after(RECORDED.slice(0, 10));
  assert.equal(applyEvent(job, { type: "queued", position: 1, at: 12_000 }), job);
});

test("the place in the queue changes", () => {
  const second = applyEvent(fresh(), { type: "queued", position: 2, at: 1 });
  const first = applyEvent(second, { type: "queued", position: 1, at: 2 });
  assert.equal(second.position, 2);
  assert.equal(first.position, 1);
  assert.equal(applyEvent(first, { type: "start", at: 3 }).position, null);
});

test("a lost job comes back when it is heard of", () => {
  const lost = applyEvent(after(RECORDED.slice(0, 10)), { type: "gone", state: "lost", at: 50_000 });
  assert.equal(lost.state, "lost");
  assert.equal(isUnfinished(lost), false);
  assert.equal(applyEvent(lost, { type: "running", at: 51_000 }).state, "running");
  assert.equal(applyEvent(lost, { type: "queued", position: 1, at: 51_000 }).state, "queued");
  const end = { type: "ended", state: "finished", started: 1, ended: 2, clip: CLIP, error: null };
  assert.equal(applyEvent(lost, { ...end, at: 52_000 }).state, "finished");
});

test("the history fills in what messages did not tell", () => {
  const job = applyEvent(fresh(), { type: "success", at: 100 });
  assert.equal(job.clip, null);
  const end = { type: "ended", state: "finished", started: 5, ended: 99, clip: CLIP, error: null };
  const told = applyEvent(job, { ...end, at: 120 });
  assert.deepEqual(told.clip, CLIP);
  assert.equal(told.started, 5);
  assert.equal(told.ended, 99);
  assert.equal(applyEvent(told, { ...end, at: 130 }), told);
});

test("each node that samples counts its own steps", () => {
  const prompt = {
    ...PROMPT,
    20: { class_type: "FrameContinuityExtend", inputs: { join: "generate" } },
  };
  const first = after(RECORDED.slice(0, 22), fresh({ prompt }));
  assert.equal(first.generators, 2);
  const half = fraction(first);
  assert.ok(half > 0.4 && half <= 0.5, String(half));
  const more = { node: "20", started: 37_000 };
  const second = after(
    [
      { type: "executing", at: 37_000, node: "20" },
      stage(37_100, "high noise", more),
      steps(37_500, 1, 4, "20"),
    ],
    first,
  );
  assert.equal(second.done, 1);
  assert.equal(second.total, 4);
  assert.ok(fraction(second) > 0.5);
});

test("a cached node that samples counts as done", () => {
  const job = after([{ type: "start", at: 1 }, { type: "cached", at: 2, nodes: ["11", "4"] }]);
  assert.deepEqual(job.sampled, ["11"]);
});

test("shots are told", () => {
  const job = applyEvent(fresh(), stage(700, "low noise", { shot: 2, shots: 3 }));
  assert.equal(job.shot, 2);
  assert.equal(job.shots, 3);
});

test("stages without steps tell how far they are by themselves", () => {
  const job = after([...RECORDED.slice(0, 22), stage(20_000, "interpolate"), steps(20_100, 3, 9)]);
  assert.equal(job.done, 12);
  assert.deepEqual(job.part, { done: 3, total: 9 });
});

test("a job without sampling shows the progress of its node", () => {
  const prompt = { 5: { class_type: "LoopBlend", inputs: {} } };
  const job = after(
    [{ type: "executing", at: 1, node: "5" }, steps(2, 3, 10, "5")],
    fresh({ prompt }),
  );
  assert.deepEqual(job.part, { done: 3, total: 10 });
  assert.equal(fraction(job), 0.3);
});

test("the job that is given is never changed", () => {
  const job = Object.freeze(fresh());
  Object.freeze(job.sampled);
  for (const event of RECORDED) applyEvent(job, event);
});

test("a picture that a later node shows does not take the clip's place", () => {
  const clip = { filename: "a.mp4", subfolder: "video", type: "output" };
  const still = { filename: "p.png", subfolder: "", type: "temp" };
  let job = newJob({ id: "1", state: "running" });
  job = applyEvent(job, { type: "executed", at: 1, clip });
  job = applyEvent(job, { type: "executed", at: 2, clip: still });
  assert.deepEqual(job.clip, clip);
  job = applyEvent(applyEvent(newJob({ id: "1", state: "running" }), { type: "executed", at: 1, clip: still }),
    { type: "success", at: 2 });
  job = applyEvent(job, { type: "ended", state: "finished", at: 3, started: 1, ended: 2, clip, error: null });
  assert.deepEqual(job.clip, clip);
});
