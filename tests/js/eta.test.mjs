// Run with: node --test tests/js/
import assert from "node:assert/strict";
import { test } from "node:test";

import { updatePace, remaining, smoothed } from "../../web/lib/activity/eta.mjs";
import { newJob } from "../../web/lib/activity/job.mjs";
import { applyEvent } from "../../web/lib/activity/job_state.mjs";

const PROMPT = { 11: { class_type: "Wan22ImageToVideo", inputs: {} } };
const ESTIMATE = {
  seconds: 130,
  stages: { encode: 5, "high noise": 50, "low noise": 50, decode: 20, interpolate: 5 },
};

const job = (more = {}) => newJob({ id: "a", created: 0, prompt: PROMPT, ...more });
const stage = (at, name, more = {}) => {
  const times = { at, stamp: at, since: at, started: 0 };
  return { type: "stage", node: "11", stage: name, shot: 1, shots: 1, ...times, ...more };
};
const progress = (at, value, max = 20) => ({ type: "progress", node: "11", value, max, at });

/** A run of 20 steps of 5 s; the first step of each expert loads its model for 30 s. */
function* run() {
  yield stage(1000, "encode");
  yield stage(6000, "high noise");
  let at = 6000;
  for (let done = 1; done <= 20; done += 1) {
    at += done === 1 || done === 11 ? 35_000 : 5000;
    yield progress(at, done);
    if (done === 10) yield stage(at + 1, "low noise");
  }
  yield stage(at + 1, "decode");
}

test("the first step of a stage, which loads the model, is not measured", () => {
  let pace = updatePace(null, { node: "11", key: "high", done: 1, at: 35_000 });
  assert.deepEqual(pace.times, []);
  pace = updatePace(pace, { node: "11", key: "high", done: 2, at: 40_000 });
  assert.deepEqual(pace.times, [5]);
  pace = updatePace(pace, { node: "11", key: "low", done: 3, at: 75_000 });
  assert.deepEqual(pace.times, [5], "what was measured before stays");
  pace = updatePace(pace, { node: "11", key: "low", done: 5, at: 87_000 });
  assert.deepEqual(pace.times, [5, 6], "of a missed message the mean");
  assert.equal(updatePace(pace, { node: "11", key: "low", done: 5, at: 99_000 }), pace);
});

test("another node starts to measure anew", () => {
  const pace = { node: "11", key: "high", done: 4, at: 1, times: [5, 5] };
  assert.deepEqual(updatePace(pace, { node: "20", key: "x", done: 1, at: 2 }).times, []);
});

test("unknown without steps and without past runs", () => {
  assert.equal(remaining(job(), 0), null);
  assert.equal(remaining(applyEvent(job(), stage(10, "encode")), 20), null);
  const decoding = [...run()].reduce(applyEvent, job());
  assert.equal(remaining(decoding, 200_000), null, "how long decoding takes is not known");
});

test("before the first step it is what past runs tell, less what has passed", () => {
  assert.equal(remaining(job({ estimate: ESTIMATE }), 0), 130);
  const encoding = applyEvent(job({ estimate: ESTIMATE }), stage(1000, "encode"));
  assert.equal(remaining(encoding, 3000), 128);
});

test("from the second step on it is the steps' own time and what follows", () => {
  const events = [...run()].slice(0, 6); // four steps
  const here = events.reduce(applyEvent, job({ estimate: ESTIMATE }));
  assert.equal(here.done, 4);
  assert.equal(remaining(here, here.pace.at), 16 * 5 + 25);
  assert.equal(remaining(here, here.pace.at + 2000), 16 * 5 - 2 + 25);
  assert.equal(remaining(here, here.pace.at + 60_000), 15 * 5 + 25, "a slow step is still one");
});

test("while it decodes, the rest of the decoding and what follows", () => {
  const here = [...run()].reduce(applyEvent, job({ estimate: ESTIMATE }));
  assert.equal(remaining(here, here.stageStarted + 5000), 15 + 5);
  assert.equal(remaining(here, here.stageStarted + 60_000), 5);
});

test("of several shots, those to come count", () => {
  const shots = { shot: 1, shots: 2 };
  const events = [stage(1000, "high noise", shots), progress(2000, 1), progress(4000, 2)];
  const first = events.reduce(applyEvent, job({ estimate: ESTIMATE }));
  // 18 steps of 2 s; encode once more, decode twice, interpolate at the end.
  assert.equal(remaining(first, 4000), 36 + 2.5 + 20 + 5);
});

test("what is shown never jumps", () => {
  let here = job({ estimate: { seconds: 400, stages: { "high noise": 200, "low noise": 200 } } });
  let before = null;
  for (const event of run()) {
    here = applyEvent(here, event);
    if (before !== null && here.eta !== null) {
      const expected = before.eta - (here.etaAt - before.etaAt) / 1000;
      assert.ok(Math.abs(here.eta - expected) < 0.5 * Math.max(expected, 60), `${here.eta}`);
    }
    if (here.eta !== null) before = here;
  }
});

test("with steady steps it comes to what is true", () => {
  const shown = [];
  let here = job();
  for (const event of run()) {
    here = applyEvent(here, event);
    if (event.type === "progress" && here.done >= 14) shown.push([20 - here.done, here.eta]);
  }
  for (const [left, eta] of shown) assert.ok(Math.abs(eta - left * 5) < 6, `${left}: ${eta}`);
});

test("smoothing follows slowly, and at once where nothing was shown", () => {
  assert.equal(smoothed({ eta: null, etaAt: 0 }, 50, 100), 50);
  assert.equal(smoothed({ eta: 50, etaAt: 0 }, null, 100), null);
  assert.equal(smoothed({ eta: 50, etaAt: 0 }, 40, 10_000), 40);
  const next = smoothed({ eta: 100, etaAt: 0 }, 200, 1000);
  assert.ok(next > 99 && next < 120, String(next));
});
