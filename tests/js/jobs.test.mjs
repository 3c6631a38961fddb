// Run with: node --test tests/js/
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Jobs } from "../../web/lib/activity/jobs.mjs";
import { HostError, withOwnIds } from "../../web/lib/host.mjs";

const PROMPT = {
  8: { class_type: "CinematicDirection", inputs: { direction: "slow push forward" } },
  11: {
    class_type: "Wan22ImageToVideo",
    inputs: { seed: 7, fps: 16, duration: 1, loop: false, resolution: "480p", quality: "fast" },
  },
  13: { class_type: "SaveVideo", inputs: {} },
};
const OTHER = { 1: { class_type: "KSampler", inputs: {} } };
const WORKFLOW = { nodes: [] };
const CLIP = { filename: "wanderlens_00001_.mp4", subfolder: "video", type: "output" };
const ORDER = { kind: "convert", title: "A push", prompt: PROMPT, workflow: WORKFLOW };

/** As much of the browser's storage as is used, shared by windows. */
class Memory {
  items = new Map();
  room = Infinity;
  get length() {
    return this.items.size;
  }
  key(index) {
    return [...this.items.keys()][index] ?? null;
  }
  getItem(key) {
    return this.items.get(key) ?? null;
  }
  setItem(key, value) {
    const size = [...this.items].reduce((sum, [k, v]) => sum + (k === key ? 0 : v.length), 0);
    if (size + value.length > this.room) throw new Error("QuotaExceededError");
    this.items.set(key, value);
  }
  removeItem(key) {
    this.items.delete(key);
  }
}

/** A server like ComfyUI's, and the page's connection to it. */
class Server {
  running = [];
  pending = [];
  history = {};
  clips = [];
  files = new Set();
  stages = [];
  asked = [];
  away = false;
  hasJobs = true;
  version = "0.8.0";
  refuse = null;
  listeners = new Map();
  number = 0;

  item(id, prompt, workflow = WORKFLOW) {
    this.number += 1;
    const extra = { extra_pnginfo: { workflow }, create_time: Date.now() };
    return [this.number, id, prompt, extra, ["13"]];
  }
  say(name, detail) {
    for (const handler of this.listeners.get(name) ?? []) handler(detail);
  }
  /** The next prompt begins. */
  begin({ silent = false } = {}) {
    const item = this.pending.shift();
    this.running = [item];
    if (!silent) this.say("execution_start", { prompt_id: item[1], timestamp: Date.now() });
    if (!silent) this.say("status", { exec_info: {} });
    return item[1];
  }
  /** The prompt that runs ends. */
  end({ silent = false, how = "execution_success", more = {}, clip = CLIP } = {}) {
    const [item] = this.running.splice(0);
    const data = { prompt_id: item[1], timestamp: Date.now(), ...more };
    const success = how === "execution_success";
    this.history[item[1]] = {
      prompt: item,
      outputs: success && clip ? { 13: { images: [clip], animated: [true] } } : {},
      status: {
        status_str: success ? "success" : "error",
        completed: success,
        messages: [["execution_start", { timestamp: Date.now() - 4000 }], [how, data]],
      },
    };
    if (silent) return;
    if (success && clip) {
      const output = { images: [clip], animated: [true] };
      this.say("executed", { node: "13", output, prompt_id: item[1] });
    }
    this.say(how, data);
    this.say("status", { exec_info: {} });
    this.say("executing", null);
  }
  restart() {
    this.running = [];
    this.pending = [];
    this.history = {};
  }

  answer(path, body) {
    const url = new URL(path, "http://x");
    const [, first, id] = url.pathname.split("/");
    if (first === "system_stats") return { system: { comfyui_version: this.version } };
    if (first === "jobs") {
      if (!this.hasJobs) throw new HostError("not found", 404);
      const unfinished = url.searchParams.get("status").includes("pending");
      const entry = (status) => (item) => ({ id: item[1], status, priority: item[0] });
      const jobs = unfinished
        ? [...this.running.map(entry("in_progress")), ...this.pending.map(entry("pending"))]
        : Object.values(this.history).map(({ prompt }) => entry("completed")(prompt)).reverse();
      return { jobs };
    }
    if (first === "queue" && body) {
      this.pending = this.pending.filter((item) => !body.delete.includes(item[1]));
      return null;
    }
    if (first === "queue") return { queue_running: this.running, queue_pending: this.pending };
    if (first === "interrupt") {
      if (this.running[0]?.[1] === body.prompt_id) this.interrupted = body.prompt_id;
      return null;
    }
    if (first === "history") {
      if (!id) return this.history;
      return this.history[id] ? { [id]: this.history[id] } : {};
    }
    if (path === "/wanderlens/activity") return { running: this.stages };
    if (path === "/wanderlens/clips") return { clips: this.clips };
    throw new HostError("not found", 404);
  }

  host() {
    const reply = async (path, body) => {
      this.asked.push(body === undefined ? path : `POST ${path}`);
      if (this.away) throw new HostError("ComfyUI's server does not answer.", 0);
      return structuredClone(this.answer(path, body));
    };
    return {
      getJson: (path) => reply(path),
      postJson: (path, body) => reply(path, body),
      request: async (path) => {
        await reply("/queue");
        const name = new URL(path, "http://x").searchParams.get("filename");
        if (!this.files.has(name)) throw new HostError("not found", 404);
      },
      queue: async ({ prompt, workflow, promptId }) => {
        if (this.refuse) throw this.refuse;
        this.pending.push(this.item(promptId, prompt, workflow));
        this.say("status", { exec_info: {} });
      },
      on: (name, handler) => {
        this.listeners.set(name, [...(this.listeners.get(name) ?? []), handler]);
        return () => {
          const others = this.listeners.get(name).filter((each) => each !== handler);
          this.listeners.set(name, others);
        };
      },
    };
  }
}

let server;
let storage;
/** @type {Jobs[]} */
let opened;

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_700_000_000_000 });
  server = new Server();
  storage = new Memory();
  opened = [];
});
afterEach(() => {
  for (const jobs of opened) jobs.stop();
  mock.timers.reset();
});

const settle = async () => {
  for (let i = 0; i < 60; i += 1) await Promise.resolve();
};

/** Lets time pass. */
async function pass(milliseconds) {
  await settle();
  for (let at = 0; at < milliseconds; at += 100) {
    mock.timers.tick(100);
    await settle();
  }
}

/** A page that is loaded. */
async function open() {
  const jobs = new Jobs(server.host(), storage);
  opened.push(jobs);
  jobs.start();
  await settle();
  return jobs;
}

/** The page is closed; the server does not hear of it. */
function close(jobs) {
  jobs.stop();
  opened = opened.filter((each) => each !== jobs);
}

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
  const jobs = new Jobs(server.host(), storage);
  opened.push(jobs);
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
    await jobs._watch.now({ recent: true });
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
  const two = new Jobs(server.host(), storage);
  opened.push(two);
  two.start();
  await settle();
  server.say("progress", { prompt_id: id, node: "wanderlens.11", value: 9, max: 20 });
  two._hearWindow(id, true);
  assert.equal(two.get(id).done, 9);
  close(two);
  server.end();
  two._hearWindow(id, true);
  assert.equal(two.get(id).state, "finished");
  storage.removeItem(`wanderlens.job.${id}`);
  two._hearWindow(id, false);
  assert.equal(two.get(id), null);
});

test("a clip from the form tells every stage: its nodes are known by the ids they are queued under", async () => {
  const jobs = await open();
  const id = await jobs.submit(ORDER);
  server.begin();
  server.say("executing", "wanderlens.13");
  assert.equal(jobs.get(id).stage, "save");
  const [, , queued] = server.running[0] ?? server.pending[0] ?? [];
  if (queued) assert.ok(Object.keys(queued).every((each) => /^wanderlens\.\d+$/.test(each)));
});

test("previews are seen on newer front ends too, which name the job otherwise", async () => {
  const jobs = await open();
  const id = await jobs.submit(ORDER);
  server.begin();
  server.say("b_preview_with_metadata", { jobId: id, blob: new Blob(["x"]) });
  assert.match(jobs.get(id).preview, /^blob:/);
});

test("what is queued elsewhere is kept without its graph, and several users cancel their own", async () => {
  const jobs = await open();
  const mine = await jobs.submit(ORDER);
  server.pending.push(server.item("theirs", PROMPT));
  server.say("status", { exec_info: {} });
  await pass(500);
  assert.equal(JSON.parse(storage.getItem("wanderlens.job.theirs")).prompt, null);
  assert.notEqual(JSON.parse(storage.getItem(`wanderlens.job.${mine}`)).prompt, null);
  jobs._host.api = { user: "somebody" };
  await jobs.cancelAll();
  await pass(1000);
  assert.equal(jobs.get(mine).state, "cancelled");
  assert.equal(jobs.get("theirs").state, "queued");
});

test("without a storage of the browser's everything but memory works", async () => {
  const jobs = new Jobs(server.host(), null);
  opened.push(jobs);
  jobs.start();
  await settle();
  const id = await jobs.submit(ORDER);
  assert.equal(jobs.get(id).state, "queued");
});
