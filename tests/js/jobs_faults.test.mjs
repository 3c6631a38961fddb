// Run with: node --test tests/js/
import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Selection } from "../../web/lib/activity/selection.mjs";
import { rowActions } from "../../web/lib/activity/actions.mjs";
import { RepeatGuard } from "../../web/lib/ui/repeat_guard.mjs";
import { HostError } from "../../web/lib/comfy/host.mjs";
import {
  CLIP, Memory, ORDER, PROMPT, WORKFLOW,
  open, pass, server, settle, storage, useJobs,
} from "./jobs_server.mjs";

useJobs();

const recordOf = (id) => JSON.parse(storage.getItem(`wanderlens.job.${id}`));
const asked = (path) => server.asked.filter((each) => each.startsWith(path)).length;
const node = (type, inputs = {}) => ({ class_type: type, inputs });

// --- ids

test("a clip from the form tells every stage: its nodes have their queued ids", async () => {
  const jobs = await open();
  const prompt = { 4: node("UNETLoader"), 6: node("LoadImage", { image: "a.png" }), ...PROMPT };
  const id = await jobs.submit({ ...ORDER, prompt });
  server.begin();
  server.say("execution_cached", { prompt_id: id, nodes: ["wanderlens.8"] });
  const seen = [];
  const see = () => seen.push(jobs.get(id).stage);
  for (const each of [4, 6, 11]) {
    server.say("executing", `wanderlens.${each}`);
    see();
  }
  const stage = { prompt_id: id, node: "wanderlens.11", shot: 1, shots: 1 };
  const at = Date.now();
  server.say("wanderlens.stage", { ...stage, stage: "high noise", started: at, job_started: at });
  see();
  server.say("progress", { prompt_id: id, node: "wanderlens.11", value: 3, max: 20 });
  assert.equal(jobs.get(id).done, 3);
  server.say("executing", "wanderlens.13");
  see();
  assert.deepEqual(seen, ["load", "prepare", "prepare", "high noise", "save"]);
  assert.ok(Object.keys(server.running[0][2]).every((each) => /^wanderlens\.\d+$/.test(each)));
});

test("a sampler whose result is cached counts as done", async () => {
  const jobs = await open();
  const id = await jobs.submit(ORDER);
  server.begin();
  server.say("execution_cached", { prompt_id: id, nodes: ["wanderlens.11"] });
  assert.deepEqual(jobs.get(id).sampled, ["wanderlens.11"]);
});

test("queued again from the history, a prompt keeps its ids", async () => {
  const jobs = await open();
  const id = await jobs.submit(ORDER);
  server.begin();
  server.end();
  assert.equal(jobs.get(id).prompt, null);
  await jobs.again(id);
  const ids = ["wanderlens.8", "wanderlens.11", "wanderlens.13"];
  assert.deepEqual(Object.keys(server.pending[0][2]), ids);
});

test("previews are seen whatever the front end calls the job", async () => {
  const jobs = await open();
  const id = await jobs.submit(ORDER);
  server.begin();
  const urls = ["promptId", "jobId"].map((name) => {
    server.say("b_preview_with_metadata", { [name]: id, blob: new Blob(["x"]) });
    return jobs.get(id).preview;
  });
  assert.match(urls[0], /^blob:/);
  assert.notEqual(urls[0], urls[1]);
});

test("a node's picture that comes after the clip does not take its place", async () => {
  const jobs = await open();
  const id = await jobs.submit(ORDER);
  server.begin();
  const still = { filename: "p.png", subfolder: "", type: "temp" };
  for (const file of [CLIP, still]) {
    server.say("executed", { prompt_id: id, node: "13", output: { images: [file] } });
  }
  assert.deepEqual(jobs.get(id).clip, CLIP);
  server.say("execution_success", { prompt_id: id, timestamp: Date.now() });
  assert.deepEqual(jobs.get(id).clip, CLIP);
});

// --- pressed twice

test("what is under way or has just begun is not done a second time", async () => {
  let now = 0;
  let done = 0;
  const once = new RepeatGuard(() => now);
  let finish;
  const first = once.run("a", () => new Promise((resolve) => ((done += 1), (finish = resolve))));
  now = 9000;
  assert.equal(await once.run("a", () => (done += 1)), undefined, "under way");
  assert.equal(await once.run("b", () => "other"), "other");
  finish("over");
  assert.equal(await first, "over");
  await once.run("c", () => (done += 10));
  now += 100;
  await once.run("c", () => (done += 10));
  assert.equal(done, 11, "over, but the same double click");
  now += 1000;
  await assert.rejects(once.run("c", () => Promise.reject(new Error("no"))));
  now += 1000;
  assert.equal(await once.run("c", () => 7), 7, "a failure holds nothing up");
});

test("a double click on a row's button queues once", async () => {
  const jobs = await open();
  const called = [];
  const clips = Object.fromEntries(
    ["extend", "makeLoop", "combine", "bridge", "toggleFavourite"].map((name) =>
      [name, async () => called.push(name)]),
  );
  const host = { t: (key) => key, toast: (...words) => called.push(words[1]) };
  const choice = new Selection();
  const actions = rowActions({ host, jobs }, choice, clips);
  const id = await jobs.submit(ORDER);
  server.begin();
  server.end();
  const job = jobs.get(id);
  await Promise.all([actions.again(job), actions.again(job)]);
  await actions.again(job);
  assert.equal(server.pending.length, 1);
  assert.deepEqual(called, []);
  for (const name of ["extend", "makeLoop", "toggleFavourite"]) {
    void actions.toClip(name, job, CLIP);
    await actions.toClip(name, job, CLIP);
  }
  void actions.combine();
  await actions.combine();
  choice.startBridge(jobs.all()[0].id);
  assert.deepEqual(called, ["extend", "makeLoop", "toggleFavourite", "combine"]);
});

// --- storage

test("what is queued elsewhere is kept without its graph, which the server has", async () => {
  const jobs = await open();
  const mine = await jobs.submit(ORDER);
  server.pending.push(server.item("theirs", PROMPT));
  server.say("status", { exec_info: {} });
  await pass(500);
  assert.equal(recordOf("theirs").prompt, null);
  assert.equal(recordOf("theirs").workflow, null);
  assert.notEqual(recordOf(mine).prompt, null);
  const later = await open();
  await pass(500);
  assert.deepEqual(later.get("theirs").prompt, PROMPT, "stages are told after a reload, too");
  assert.equal(later.get("theirs").adopted, true);
});

test("all our records stay below 2 MB: the workflows of the oldest jobs go first", async () => {
  const jobs = await open();
  const big = { ...ORDER, workflow: { text: "x".repeat(200_000) } };
  const ids = [];
  for (let i = 0; i < 7; i += 1) {
    mock.timers.tick(10);
    ids.push(await jobs.submit(big));
  }
  const size = () => [...storage.items.values()].reduce((sum, text) => sum + text.length, 0);
  assert.ok(size() <= 1_000_000, String(size()));
  const kept = ids.map((id) => recordOf(id).workflow !== null);
  assert.deepEqual(kept, [false, false, false, true, true, true, true]);
  assert.ok(ids.every((id) => recordOf(id).prompt !== null), "stages need their prompts");
  await pass(5000);
  server.begin();
  await pass(5000);
  assert.ok(size() <= 1_000_000);
  assert.equal(recordOf(ids[0]).workflow, null, "what has made room does not take it back");
  assert.notEqual(recordOf(ids[6]).workflow, null);
  server.end({ how: "execution_error", more: { exception_message: "no" } });
  assert.equal((await jobs.content(ids[0])).workflow.text.length, 200_000);
  const later = await open();
  assert.equal((await later.content(ids[0])).workflow.text.length, 200_000, "the server has it");
});

test("one job of an enormous graph does not cost all others", async () => {
  const jobs = await open();
  const small = await jobs.submit(ORDER);
  const huge = await jobs.submit({ ...ORDER, workflow: { text: "x".repeat(2_000_000) } });
  assert.notEqual(recordOf(small).workflow, null);
  assert.equal(recordOf(huge).workflow, null);
  assert.notEqual(recordOf(huge).prompt, null);
});

test("a storage that is none, full or forbidden never stops a job", async () => {
  const forbidden = new Proxy({}, {
    get: () => {
      throw new Error("SecurityError");
    },
  });
  const full = new Memory();
  full.room = 0;
  for (const kept of [null, full, forbidden]) {
    const jobs = await open(kept);
    const id = await jobs.submit(ORDER);
    server.begin();
    server.say("progress", { prompt_id: id, node: "wanderlens.11", value: 1, max: 20 });
    server.end();
    assert.equal(jobs.get(id).state, "finished");
    jobs.forget(id);
    await pass(1000);
    assert.equal(jobs.get(id), null, "it does not come back");
  }
});

// --- many jobs

test("of more than 200, those go that ended longest ago, and what just ended is told", async () => {
  const jobs = await open();
  const first = await jobs.submit(ORDER); // the oldest by its creation
  for (let i = 0; i < 205; i += 1) {
    mock.timers.tick(1000);
    const item = server.item(`job-${i}`, PROMPT);
    server.running = [item];
    server.end({ silent: true });
  }
  for (const [id, entry] of Object.entries(server.history)) {
    const past = { prompt: entry.prompt[2], workflow: WORKFLOW, created: Date.now() };
    const end = { type: "ended", state: "finished", clip: CLIP, error: null, started: null };
    const ended = Date.now() - 1_000_000 + Number(id.slice(4));
    jobs._adopt(id, past, { ...end, ended, at: Date.now() });
  }
  assert.equal(jobs.all().length, 201);
  const told = [];
  jobs.addEventListener("ended", ({ detail }) => told.push(detail.id));
  server.begin();
  server.end();
  assert.deepEqual(told, [first]);
  assert.equal(jobs.get(first).state, "finished");
  assert.deepEqual(jobs.all().filter(({ id }) => /^job-[0-5]$/.test(id)), []);
  const changes = [];
  jobs.addEventListener("change", ({ detail }) => changes.push(detail.id));
  for (let i = 0; i < 3; i += 1) await jobs._poller.now({ recent: true });
  assert.deepEqual(changes, [], "nothing is taken in and let go again and again");
  assert.equal(jobs.all().length, 200);
});

test("after a restart with many jobs the history and the clips are asked for once", async () => {
  const jobs = await open();
  const ids = [];
  for (let i = 0; i < 30; i += 1) ids.push(await jobs.submit(ORDER));
  await pass(6000);
  server.restart();
  server.asked = [];
  server.say("reconnected", undefined);
  await pass(400);
  assert.ok(ids.every((id) => jobs.get(id).state !== "queued"));
  assert.equal(asked("/history"), 1);
  assert.equal(asked("/wanderlens/clips"), 1);
});

test("jobs far back in a long history are found in it", async () => {
  const jobs = await open();
  const ids = [];
  for (let i = 0; i < 6; i += 1) ids.push(await jobs.submit(ORDER));
  await pass(6000);
  server.say("reconnecting", undefined);
  for (const _ of ids) {
    server.begin({ silent: true });
    server.end({ silent: true });
  }
  for (let i = 0; i < 100; i += 1) {
    server.running = [server.item(`other-${i}`, {})];
    server.end({ silent: true });
  }
  server.say("reconnected", undefined);
  await pass(2000);
  assert.deepEqual(new Set(ids.map((id) => jobs.get(id).state)), new Set(["finished"]));
});

/** Makes a loop or joins clips of a file, as the page queues them. */
const joining = (kind, file) => ({
  kind,
  title: kind,
  workflow: WORKFLOW,
  prompt: {
    1: node("LoadVideo", { file }),
    2: kind === "loop" ? node("LoopBlend") : node("FrameContinuityExtend", { join: "cut" }),
    3: node("SaveVideo", { filename_prefix: "video/wanderlens" }),
  },
});

test("clips of loops and combined ones are found after a restart, each for one job", async () => {
  const jobs = await open();
  const loop = await jobs.submit(joining("loop", "video/a.mp4 [output]"));
  mock.timers.tick(10);
  const later = await jobs.submit(joining("loop", "video/a.mp4 [output]"));
  const combined = await jobs.submit(joining("combine", "video/a.mp4 [output]"));
  server.begin();
  const modified = Date.now() + 3000;
  const clip = (filename, kind, more = {}) => ({
    filename, subfolder: "video", type: "output", modified, kind,
    settings: { image: "video/a.mp4 [output]" }, ...more,
  });
  server.clips = [
    clip("of_another_file.mp4", "loop", { settings: { image: "b.mp4" }, modified: modified - 500 }),
    clip("before.mp4", "loop", { modified: modified - 3_600_000 }),
    clip("shot.mp4", "convert", { modified: modified - 900, settings: {} }),
    clip("loop.mp4", "loop"),
    clip("combined.mp4", "combine"),
  ];
  await pass(6000);
  server.restart();
  server.say("reconnected", undefined);
  await pass(1000);
  assert.equal(jobs.get(loop).clip.filename, "loop.mp4");
  assert.equal(jobs.get(combined).clip.filename, "combined.mp4");
  assert.equal(jobs.get(later).clip, null, "one clip is the clip of one job");
});

test("a clip that the history gives to another prompt is not a lost job's", async () => {
  const jobs = await open();
  const lost = await jobs.submit(joining("loop", "video/a.mp4 [output]"));
  await pass(6000);
  server.restart();
  server.running = [server.item("theirs", joining("loop", "video/a.mp4 [output]").prompt)];
  server.end({ silent: true });
  server.clips = [{ ...CLIP, modified: Date.now(), kind: "loop", settings: {} }];
  await jobs._poller.now();
  assert.equal(jobs.get(lost).clip, null);
  assert.deepEqual(jobs.get("theirs").clip, CLIP);
});

// --- other windows, other people

test("a job that the server refuses another window does not haunt this one", async () => {
  let refuse;
  server.slow = new Promise((resolve) => (refuse = resolve));
  server.refuse = new HostError("no such model", 400);
  const one = await open();
  const two = await open();
  const sent = assert.rejects(one.submit(ORDER), /no such model/);
  const [{ id }] = one.all();
  two._applyOtherTab(id, true);
  await pass(6000);
  assert.equal(two.get(id).state, "queued", "it may be on its way");
  refuse();
  await sent;
  two._applyOtherTab(id, false);
  assert.equal(two.get(id), null);
  assert.equal(storage.getItem(`wanderlens.job.${id}`), null);
});

test("a removed record whose job is in the queue brings it back", async () => {
  const one = await open();
  const id = await one.submit(ORDER);
  await pass(500);
  storage.removeItem(`wanderlens.job.${id}`);
  one._applyOtherTab(id, false);
  assert.equal(one.get(id), null);
  await pass(500);
  assert.equal(one.get(id).position, 1);
});

test("a job that another window of this browser queues is this browser's", async () => {
  const one = await open();
  const two = await open();
  const id = await one.submit({ ...ORDER, title: "Mine" });
  await pass(500); // the second sees it in the queue before the first one's word of it
  assert.equal(two.get(id).adopted, false);
  assert.equal(two.get(id).title, "Mine");
  const adopted = { ...two.get(id), adopted: true, title: "", kind: "other" };
  two._jobs.set(id, adopted);
  two._applyOtherTab(id, true);
  assert.equal(two.get(id).adopted, false);
  assert.equal(two.get(id).kind, "convert");
});

test("a job that is cancelled while it is being sent leaves the queue after", async () => {
  let arrive;
  server.slow = new Promise((resolve) => (arrive = resolve));
  const jobs = await open();
  const sent = jobs.submit(ORDER);
  const [{ id }] = jobs.all();
  await jobs.cancel(id);
  assert.equal(jobs.get(id).cancelling, true);
  arrive();
  await sent;
  await pass(2500);
  assert.deepEqual(server.pending, []);
  assert.equal(jobs.get(id).state, "cancelled");
});

test("to cancel all ends what this browser has queued, not another's", async () => {
  const jobs = await open();
  const mine = await jobs.submit(ORDER);
  server.pending.push(server.item("theirs", PROMPT));
  server.say("status", { exec_info: {} });
  await pass(500);
  assert.deepEqual(jobs.own().map(({ id }) => id), [mine]);
  await jobs.cancelAll();
  await pass(1000);
  assert.equal(jobs.get(mine).state, "cancelled");
  assert.equal(jobs.get("theirs").state, "queued");
  assert.deepEqual(jobs.own(), []);
  await jobs.cancel("theirs");
  await settle();
  assert.equal(jobs.get("theirs").state, "cancelled");
});
