// Run with: node --test tests/js/
import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { HostError, withOwnIds } from "../../web/lib/comfy/host.mjs";
import {
  CLIP, ORDER, OTHER, PROMPT, WORKFLOW,
  close, newPage, open, pass, server, settle, storage, useJobs,
} from "./jobs_server.mjs";

useJobs();

test("a job is queued with an id of ours, runs and is finished", async () => {
  const jobs = await open();
  const ended = [];
  jobs.addEventListener("ended", ({ detail }) => ended.push(detail.state));
  const id = await jobs.submit({ ...ORDER, values: { duration: 1 }, picture: null });
  assert.match(id, /^[0-9a-f-]{36}$/);
  assert.equal(server.pending[0][1], id);
  assert.equal(jobs.get(id).state, "queued");
  await pass(500);
  assert.equal(jobs.get(id).position, 1);
  server.begin();
  assert.equal(jobs.get(id).state, "running");
  await pass(3000);
  server.end();
  const job = jobs.get(id);
  assert.equal(job.state, "finished");
  assert.deepEqual(job.clip, CLIP);
  assert.deepEqual(job.values, { duration: 1 });
  assert.equal(job.prompt, null, "the clip holds it");
  assert.deepEqual(ended, ["finished"]);
});

test("a job that is refused leaves nothing behind", async () => {
  const jobs = await open();
  server.refuse = new HostError("Wan22ImageToVideo: no such model", 400);
  await assert.rejects(jobs.submit(ORDER), /no such model/);
  assert.equal(jobs.all().length, 0);
  assert.equal(storage.length, 0);
});

test("nothing is asked while nothing is to be done, and every 5 s while something is", async () => {
  const jobs = await open();
  await pass(1000);
  server.asked = [];
  await pass(60_000);
  assert.deepEqual(server.asked, []);
  await jobs.submit(ORDER);
  await pass(1000);
  server.asked = [];
  await pass(50_000);
  assert.equal(server.asked.length, 10);
  assert.deepEqual(new Set(server.asked), new Set(["/jobs?status=pending,in_progress"]));
});

test("a core without a jobs API is asked by queue and history, and never for jobs", async () => {
  server.hasJobs = false;
  server.version = "0.3.64";
  const jobs = await open();
  const id = await jobs.submit(ORDER);
  await pass(500);
  server.begin({ silent: true });
  await pass(6000);
  assert.equal(jobs.get(id).state, "running");
  server.end({ silent: true });
  await pass(6000);
  assert.equal(jobs.get(id).state, "finished");
  assert.deepEqual(jobs.get(id).clip, CLIP);
  assert.equal(server.asked.filter((path) => path.startsWith("/jobs")).length, 0);
});

test("a core of an unknown version is asked once", async () => {
  server.hasJobs = false;
  server.version = "unknown";
  const jobs = await open();
  const id = await jobs.submit(ORDER);
  await pass(12_000);
  assert.equal(jobs.get(id).position, 1);
  assert.equal(server.asked.filter((path) => path.startsWith("/jobs")).length, 1);
});

test("without any message of it, a job still goes its way", async () => {
  const jobs = await open();
  const id = await jobs.submit(ORDER);
  server.say("reconnecting", undefined);
  server.begin({ silent: true });
  await pass(1500);
  assert.equal(jobs.get(id).state, "running");
  server.end({ silent: true });
  await pass(1500);
  assert.equal(jobs.get(id).state, "finished");
});

test("after a reload everything is as it was", async () => {
  const first = await open();
  const id = await first.submit(ORDER);
  server.begin();
  const at = Date.now();
  const stage = { prompt_id: id, node: "11", stage: "high noise", shot: 1, shots: 1 };
  server.say("wanderlens.stage", { ...stage, started: at, job_started: at });
  for (let done = 1; done <= 5; done += 1) {
    await pass(2500);
    server.say("progress", { prompt_id: id, node: "11", value: done, max: 20 });
  }
  close(first);
  const jobs = await open();
  const job = jobs.get(id);
  assert.equal(job.state, "running");
  assert.equal(job.stage, "high noise");
  assert.equal(job.done, 5);
  assert.equal(job.title, "A push");
  assert.deepEqual(job.prompt, withOwnIds(PROMPT));
});

test("after a reload the stage is the one that the server tells", async () => {
  const first = await open();
  const id = await first.submit(ORDER);
  server.begin();
  close(first);
  const at = Date.now();
  const stage = { prompt_id: id, node: "11", stage: "decode", shot: 2, shots: 2 };
  server.stages = [{ ...stage, started: at, job_started: at - 60_000 }];
  const jobs = await open();
  assert.equal(jobs.get(id).stage, "decode");
  assert.equal(jobs.get(id).shot, 2);
});

test("what finished while the page was closed is finished when it is opened", async () => {
  const first = await open();
  const id = await first.submit(ORDER);
  server.begin();
  close(first);
  server.end();
  const jobs = await open();
  assert.equal(jobs.get(id).state, "finished");
  assert.deepEqual(jobs.get(id).clip, CLIP);
});

test("after a restart what was not finished is lost, and can be queued again", async () => {
  const jobs = await open();
  const one = await jobs.submit(ORDER);
  const two = await jobs.submit({ ...ORDER, title: "Another" });
  server.begin();
  server.away = true;
  server.say("reconnecting", undefined);
  await pass(5000);
  assert.equal(jobs.get(one).state, "running", "nobody knows better while the server is away");
  assert.equal(jobs.answers, false);
  server.away = false;
  server.restart();
  server.say("reconnected", undefined);
  await pass(1000);
  assert.equal(jobs.answers, true);
  assert.equal(jobs.get(one).state, "lost");
  assert.equal(jobs.get(two).state, "lost");
  const again = await jobs.again(two);
  assert.equal(jobs.get(two), null);
  assert.equal(jobs.get(again).title, "Another");
  assert.deepEqual(server.pending[0][2], withOwnIds(PROMPT));
  assert.deepEqual(server.pending[0][3].extra_pnginfo.workflow, WORKFLOW);
});

test("a clip that was saved before a restart is found", async () => {
  const first = await open();
  const one = await first.submit(ORDER);
  const two = await first.submit(ORDER);
  server.begin();
  close(first);
  const modified = Date.now() + 2000;
  const settings = { seed: 7, direction: "slow push forward", quality: "fast", fps: 16 };
  server.clips = [
    { ...CLIP, filename: "another.mp4", modified, settings: { ...settings, seed: 8 } },
    { ...CLIP, modified, settings },
    { ...CLIP, filename: "old.mp4", modified: modified - 3_600_000, settings },
  ];
  server.restart();
  await pass(10_000);
  const jobs = await open();
  const states = [one, two].map((id) => jobs.get(id).state).sort();
  assert.deepEqual(states, ["finished", "lost"], "one clip is the clip of one job");
  const found = [one, two].map((id) => jobs.get(id).clip).filter(Boolean);
  assert.deepEqual(found, [CLIP]);
});

test("a clip that was told of before a restart counts only if it is there", async () => {
  for (const there of [true, false]) {
    const first = await open();
    const id = await first.submit(ORDER);
    server.begin();
    const output = { images: [CLIP], animated: [true] };
    server.say("executed", { node: "13", output, prompt_id: id });
    close(first);
    server.restart();
    server.files = new Set(there ? [CLIP.filename] : []);
    const jobs = await open();
    assert.equal(jobs.get(id).state, there ? "finished" : "lost");
    close(jobs);
  }
});

test("a waiting job that is cancelled leaves the queue", async () => {
  const jobs = await open();
  const one = await jobs.submit(ORDER);
  const two = await jobs.submit(ORDER);
  server.begin();
  await jobs.cancel(two);
  await settle();
  assert.equal(jobs.get(two).state, "cancelled");
  assert.equal(jobs.get(one).state, "running");
  assert.deepEqual(server.pending, []);
  assert.equal(server.interrupted, undefined);
});

test("a running job that is cancelled is interrupted, and is not failed", async () => {
  const jobs = await open();
  const failed = [];
  jobs.addEventListener("ended", ({ detail }) => failed.push(detail.id));
  const id = await jobs.submit(ORDER);
  server.begin();
  await jobs.cancel(id);
  assert.equal(server.interrupted, id);
  assert.equal(jobs.get(id).state, "running");
  assert.equal(jobs.get(id).cancelling, true);
  server.end({ how: "execution_interrupted" });
  assert.equal(jobs.get(id).state, "cancelled");
  assert.deepEqual(failed, []);
});

test("an interruption that came too early is sent again", async () => {
  const jobs = await open();
  const id = await jobs.submit(ORDER);
  server.begin();
  await jobs.cancel(id);
  server.interrupted = null; // ComfyUI forgets it when the prompt begins only then
  await pass(4000);
  assert.equal(server.interrupted, id);
});

test("a cancelled job is cancelled when only the history tells it", async () => {
  const jobs = await open();
  const id = await jobs.submit(ORDER);
  server.begin();
  await jobs.cancel(id);
  server.end({ silent: true, how: "execution_interrupted" });
  await pass(2000);
  assert.equal(jobs.get(id).state, "cancelled");
});

test("all of ours are cancelled, others go on", async () => {
  const jobs = await open();
  server.pending.push(server.item("other", OTHER));
  server.begin();
  await jobs.submit(ORDER);
  await jobs.submit(ORDER);
  server.pending.push(server.item("other-2", OTHER));
  await pass(500);
  await jobs.cancelAll();
  await settle();
  assert.deepEqual(jobs.all().map(({ state }) => state), ["cancelled", "cancelled"]);
  assert.deepEqual(server.pending.map((item) => item[1]), ["other-2"]);
  assert.equal(server.interrupted, undefined);
});

test("if cancelling fails, the job is as it was", async () => {
  const jobs = await open();
  const id = await jobs.submit(ORDER);
  server.away = true;
  await assert.rejects(jobs.cancel(id), /does not answer/);
  assert.equal(jobs.get(id).cancelling, false);
  assert.equal(jobs.get(id).state, "queued");
});

test("a job that was taken out of the queue elsewhere is cancelled, not lost", async () => {
  const jobs = await open();
  const id = await jobs.submit(ORDER);
  await pass(500);
  server.pending = [];
  server.say("status", { exec_info: {} });
  await pass(500);
  assert.equal(jobs.get(id).state, "cancelled");
});

test("a failed job tells why", async () => {
  const jobs = await open();
  const id = await jobs.submit(ORDER);
  server.begin();
  const more = {
    node_type: "Wan22ImageToVideo",
    exception_message: "duration must be above 0.\n",
    exception_type: "ValueError",
    traceback: ["  File x\n"],
  };
  server.end({ how: "execution_error", more });
  const { state, error, prompt } = jobs.get(id);
  assert.equal(state, "failed");
  assert.equal(error.message, "duration must be above 0.");
  assert.equal(error.node, "Wan22ImageToVideo");
  assert.match(error.details, /ValueError: duration must be above 0\.\n\n {2}File x|File x/);
  assert.deepEqual(prompt, withOwnIds(PROMPT), "to be queued again");
});

test("jobs of other windows and of the API appear, if they are ours", async () => {
  const jobs = await open();
  server.pending.push(server.item("ours", PROMPT), server.item("theirs", OTHER));
  server.say("status", { exec_info: {} });
  await pass(500);
  assert.deepEqual(jobs.all().map(({ id }) => id), ["ours"]);
  assert.equal(jobs.get("ours").kind, "other");
  assert.equal(jobs.get("ours").title, "slow push forward");
  server.asked = [];
  await pass(20_000);
  assert.equal(server.asked.filter((path) => path === "/queue").length, 0, "looked at only once");
  server.begin({ silent: true });
  server.end({ silent: true });
  await pass(6000);
  assert.equal(jobs.get("ours").state, "finished");
});

test("jobs that ended before the page was opened appear, without a message", async () => {
  server.pending.push(server.item("ours", PROMPT), server.item("theirs", OTHER));
  for (let i = 0; i < 2; i += 1) {
    server.begin({ silent: true });
    server.end({ silent: true });
  }
  const ended = [];
  const jobs = newPage();
  jobs.addEventListener("ended", ({ detail }) => ended.push(detail.id));
  jobs.start();
  await pass(500);
  assert.deepEqual(jobs.all().map(({ id, state }) => [id, state]), [["ours", "finished"]]);
  assert.deepEqual(ended, []);
});

test("what was removed from the list stays removed", async () => {
  const first = await open();
  const id = await first.submit(ORDER);
  first.forget(id);
  assert.equal(first.get(id).state, "queued", "only what has ended can be removed");
  server.begin();
  server.end();
  first.forget(id);
  assert.equal(first.get(id), null);
  close(first);
  const jobs = await open();
  await pass(500);
  assert.deepEqual(jobs.all(), []);
});

test("progress says which job changed, and that the list is the same", async () => {
  const jobs = await open();
  const id = await jobs.submit(ORDER);
  server.begin();
  const changes = [];
  jobs.addEventListener("change", ({ detail }) => changes.push(detail));
  server.say("progress", { prompt_id: id, node: "11", value: 1, max: 20 });
  server.say("progress", { prompt_id: id, node: "11", value: 1, max: 20 });
  server.say("progress", { prompt_id: "another", node: "11", value: 9, max: 20 });
  assert.deepEqual(changes, [{ id, list: false }]);
});

test("messages on nodes belong to the prompt that began last", async () => {
  const jobs = await open();
  const id = await jobs.submit(ORDER);
  server.begin();
  server.say("executing", "wanderlens.13");
  assert.equal(jobs.get(id).stage, "save");
  server.say("execution_start", { prompt_id: "another", timestamp: Date.now() });
  server.say("executing", "wanderlens.11");
  assert.equal(jobs.get(id).stage, "save");
});

test("previews are let go of when there is a newer one and at the end", async () => {
  const jobs = await open();
  const id = await jobs.submit(ORDER);
  const gone = [];
  mock.method(URL, "revokeObjectURL", (url) => gone.push(url));
  server.begin();
  const preview = () => {
    server.say("b_preview_with_metadata", { promptId: id, blob: new Blob(["x"]) });
    return jobs.get(id).preview;
  };
  const [one, two] = [preview(), preview()];
  assert.deepEqual(gone, [one]);
  server.end();
  assert.deepEqual(gone, [one, two]);
  assert.equal(jobs.get(id).preview, null);
  assert.ok(!storage.getItem(`wanderlens.job.${id}`).includes("blob:"));
  mock.restoreAll();
});

test("a clock of the server that is wrong does not matter", async () => {
  const jobs = await open();
  const id = await jobs.submit(ORDER);
  server.pending.shift();
  const ahead = 3_600_000;
  const stamp = Date.now() + ahead;
  server.say("execution_start", { prompt_id: id, timestamp: stamp });
  const stage = { prompt_id: id, node: "11", stage: "decode", shot: 1, shots: 1 };
  server.say("wanderlens.stage", { ...stage, started: stamp, job_started: stamp });
  assert.equal(jobs.get(id).stageStarted, Date.now());
});

test("only so many jobs are remembered, the unfinished ones always", async () => {
  const jobs = await open();
  const first = await jobs.submit(ORDER);
  for (let i = 0; i < 230; i += 1) {
    mock.timers.tick(10);
    server.pending.unshift(server.item(`job-${i}`, PROMPT));
    server.begin({ silent: true });
    server.end({ silent: true });
    await jobs._poller.now({ recent: true });
  }
  await settle();
  const all = jobs.all();
  assert.ok(all.length <= 201, String(all.length));
  assert.equal(jobs.get(first).state, "queued");
  assert.equal([...storage.items.keys()].filter((key) => key.includes(".job.")).length, all.length);
});

test("a full storage costs prompts and old jobs, never a failure", async () => {
  storage.room = 12_000;
  const jobs = await open();
  const ids = [];
  for (let i = 0; i < 20; i += 1) {
    mock.timers.tick(10);
    ids.push(await jobs.submit({ ...ORDER, workflow: { text: "x".repeat(2000) } }));
    await jobs.cancel(ids.at(-1));
    await pass(200);
  }
  const last = await jobs.submit({ ...ORDER, workflow: { text: "x".repeat(2000) } });
  assert.ok(storage.getItem(`wanderlens.job.${last}`).includes("xxx"), "the newest is kept whole");
  assert.equal(jobs.all().length, 21, "this window still has all of them");
});

test("records that cannot be read are passed over", async () => {
  storage.setItem("wanderlens.job.a", "{");
  storage.setItem("wanderlens.job.b", JSON.stringify({ version: 99, id: "b", created: 1 }));
  storage.setItem("wanderlens.job.c", "null");
  storage.setItem("another.key", "1");
  const jobs = await open();
  assert.deepEqual(jobs.all(), []);
});

test("another window's news are taken over, its view of progress is not", async () => {
  const one = await open();
  const id = await one.submit(ORDER);
  server.begin();
  const two = await open();
  server.say("progress", { prompt_id: id, node: "wanderlens.11", value: 9, max: 20 });
  two._applyOtherTab(id, true);
  assert.equal(two.get(id).done, 9);
  close(two);
  server.end();
  two._applyOtherTab(id, true);
  assert.equal(two.get(id).state, "finished");
  storage.removeItem(`wanderlens.job.${id}`);
  two._applyOtherTab(id, false);
  assert.equal(two.get(id), null);
});
