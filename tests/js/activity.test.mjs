// Run with: node --test tests/js/
import assert from "node:assert/strict";
import { test } from "node:test";

import { Selection } from "../../web/lib/activity/selection.mjs";
import { ServerClock } from "../../web/lib/activity/clock.mjs";
import { matchClip } from "../../web/lib/activity/match_clip.mjs";
import { notifier } from "../../web/lib/activity/notify.mjs";
import {
  clipOf,
  failureOf,
  generators,
  isOurs,
  settingsOf,
  stageOfNode,
  titleOf,
} from "../../web/lib/activity/prompt.mjs";
import { endedJobOf, queuedFromJobs, queuedFromQueue } from "../../web/lib/activity/job_api.mjs";
import { newJob } from "../../web/lib/activity/job.mjs";
import { mediaOf } from "../../web/lib/comfy/file_ref.mjs";
import { uuid } from "../../web/lib/comfy/uuid.mjs";
import {
  agoText,
  clockText,
  endText,
  etaNow,
  leftText,
  stageText,
} from "../../web/lib/activity/format.mjs";
import { frameTime } from "../../web/lib/ui/video_player.mjs";

/** Texts that show their key and values. */
const host = {
  t: (key, values = {}) => [key, ...Object.values(values)].join(" "),
  texts: { language: "en" },
};
const node = (type, inputs = {}) => ({ class_type: type, inputs });

// --- prompts

test("a prompt is ours with any node of ours", () => {
  assert.equal(isOurs({ 1: node("LoopBlend") }), true);
  assert.equal(isOurs({ 1: node("KSampler"), 2: node("SaveVideo") }), false);
  for (const odd of [null, undefined, 7, "x", [], { 1: null }, { 1: {} }]) {
    assert.equal(isOurs(odd), false);
  }
});

test("the title is the direction, else the preset, else the picture", () => {
  const direction = node("CinematicDirection", { direction: "  drift\nand more " });
  const preset = node("PresetSelector", { preset: "Cinematic / Push" });
  const image = node("LoadImage", { image: "folder/still.png" });
  assert.equal(titleOf({ 1: image, 2: preset, 3: direction }), "drift");
  assert.equal(titleOf({ 1: image, 2: preset }), "Cinematic / Push");
  assert.equal(titleOf({ 1: image }), "still.png");
  assert.equal(titleOf({ 1: node("CinematicDirection", { direction: ["5", 0] }) }), "");
  const long = titleOf({ 1: node("CinematicDirection", { direction: "word ".repeat(50) }) });
  assert.ok(long.length <= 80 && long.endsWith("…"));
});

test("settings are those with a plain value", () => {
  const prompt = {
    1: node("Wan22ImageToVideo", { seed: 5, fps: ["2", 1], duration: 2.5, loop: false }),
    2: node("PresetSelector", { preset: "x", intensity: 1 }),
  };
  const wanted = { seed: 5, duration: 2.5, loop: false, preset: "x", intensity: 1 };
  assert.deepEqual(settingsOf(prompt), wanted);
});

test("nodes that sample are found", () => {
  const prompt = {
    1: node("Wan22ImageToVideo"),
    2: node("FrameContinuityExtend", { join: "generate" }),
    3: node("FrameContinuityExtend", { join: "cut" }),
  };
  assert.deepEqual(generators(prompt), ["1", "2"]);
  assert.deepEqual(generators(null), []);
});

test("stages of nodes that tell of none", () => {
  const prompt = { 1: node("SaveVideo"), 2: node("VAELoader"), 3: node("LoadImage") };
  assert.equal(stageOfNode(prompt, "1"), "save");
  assert.equal(stageOfNode(prompt, "2"), "load");
  assert.equal(stageOfNode(prompt, "3"), "prepare");
  assert.equal(stageOfNode(prompt, "9"), null);
  assert.equal(stageOfNode(null, "9"), null);
});

test("the clip is the last video, saved ones before previews", () => {
  const file = (filename, type = "output") => ({ filename, subfolder: "", type });
  const outputs = {
    1: { images: [file("still.png")] },
    2: { images: [file("preview.mp4", "temp")] },
    3: { images: [file("one.mp4")], animated: [true] },
    4: { gifs: [file("two.webm")] },
    5: { images: [file("moving.webp")], text: ["x"] },
    6: null,
  };
  assert.equal(clipOf(outputs).filename, "two.webm");
  assert.equal(clipOf({ 1: outputs[1], 5: outputs[5] }).filename, "moving.webp");
  assert.equal(clipOf({ 1: outputs[1], 2: outputs[2] }).filename, "preview.mp4");
  assert.equal(clipOf({}), null);
  assert.equal(clipOf({ 1: { images: [file("in.mp4", "input")] } }), null);
});

test("videos play, moving pictures are pictures", () => {
  assert.equal(mediaOf({ filename: "a.MP4" }), "video");
  assert.equal(mediaOf({ filename: "a.webp" }), "picture");
});

test("a failure is fit to read, the whole of it is kept", () => {
  const message = `**** ERROR: Not allowed.\n more\n\nSecond paragraph`;
  const failure = failureOf({
    exception_message: message,
    exception_type: "Exception",
    node_type: "SaveVideo",
    traceback: ["a\n", "b\n"],
  });
  assert.equal(failure.message, "Not allowed.\n more");
  assert.equal(failure.node, "SaveVideo");
  assert.equal(failure.details, `Exception: ${message}\n\na\nb`);
  assert.equal(failure.memory, false);
  const long = failureOf({ exception_message: "A sentence. ".repeat(100) });
  assert.ok(long.message.length <= 400 && long.message.endsWith("."));
  assert.equal(failureOf(undefined).message, "?");
});

test("a memory that is too small is told apart", () => {
  assert.equal(failureOf({ exception_type: "torch.OutOfMemoryError" }).memory, true);
  assert.equal(failureOf({ exception_message: "Allocation on device" }).memory, true);
});

// --- the server's answers

test("the queue is a heap; the order is by number", () => {
  const item = (number, id) => [number, id, {}, {}, []];
  const queue = {
    queue_running: [item(1, "a")],
    queue_pending: [item(-2, "front"), item(9, "d"), item(3, "c")],
  };
  const wanted = [
    { id: "a", running: true, position: null },
    { id: "front", running: false, position: 1 },
    { id: "c", running: false, position: 2 },
    { id: "d", running: false, position: 3 },
  ];
  assert.deepEqual(queuedFromQueue(queue), wanted);
  const jobs = [
    { id: "d", status: "pending", priority: 9 },
    { id: "a", status: "in_progress", priority: 1 },
    { id: "front", status: "pending", priority: -2 },
    { id: "c", status: "pending", priority: 3 },
  ];
  assert.deepEqual(queuedFromJobs(jobs), wanted);
});

test("the history of a prompt says how it ended", () => {
  const entry = (messages, status = "error") => ({
    prompt: [1, "a", { 1: node("LoopBlend") }, { create_time: 5 }, []],
    outputs: {},
    status: { status_str: status, messages },
  });
  const start = ["execution_start", { timestamp: 10 }];
  const success = endedJobOf("a", entry([start, ["execution_success", { timestamp: 30 }]], "success"));
  assert.equal(success.state, "finished");
  assert.equal(success.started, 10);
  assert.equal(success.ended, 30);
  assert.equal(success.content.created, 5);
  assert.equal(endedJobOf("a", entry([start, ["execution_interrupted", {}]])).state, "cancelled");
  const failed = endedJobOf("a", entry([["execution_error", { exception_message: "no" }]]));
  assert.equal(failed.state, "failed");
  assert.equal(failed.error.message, "no");
  assert.equal(endedJobOf("a", { prompt: [], outputs: {} }).state, "finished", "as old cores tell it");
});

// --- small things

test("the server's clock is told by the message that was least late", () => {
  const clock = new ServerClock();
  assert.equal(clock.local(100), 100);
  clock.observe(1000, 5300);
  clock.observe(2000, 6100);
  clock.observe(3000, 9000);
  assert.equal(clock.local(5000), 9100);
  assert.equal(clock.remote(9100), 5000);
});

test("ids are UUIDs, also on pages that are not secure", (t) => {
  t.after(() => delete crypto.randomUUID);
  const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  assert.match(uuid(), pattern);
  Object.defineProperty(crypto, "randomUUID", { configurable: true, value: undefined });
  assert.match(uuid(), pattern);
});

test("clips are chosen in their order", () => {
  const choice = new Selection();
  let changes = 0;
  choice.addEventListener("change", () => (changes += 1));
  for (const id of ["b", "a", "c", "a"]) choice.toggle(id);
  assert.deepEqual(choice.ids, ["b", "c"]);
  assert.equal(choice.numberOf("c"), 2);
  assert.equal(choice.numberOf("a"), 0);
  choice.keep((id) => id !== "b");
  assert.equal(choice.numberOf("c"), 1);
  choice.startBridge("c");
  assert.deepEqual([choice.ids, choice.bridge], [[], "c"]);
  choice.toggle("a");
  assert.equal(choice.bridge, null);
  choice.clear();
  choice.clear();
  assert.equal(changes, 8);
});

test("a frame further is the middle of the next frame, round at the ends", () => {
  assert.equal(frameTime(0, 1, 16, 1), 1.5 / 16);
  assert.equal(frameTime(0, -1, 16, 1), 15.5 / 16);
  assert.equal(frameTime(1, 1, 16, 1), 0.5 / 16);
  assert.equal(frameTime(1.5 / 16, -1, 16, 1), 0.5 / 16);
});

// --- words

const job = (more) => newJob({ id: "a", created: 0, prompt: null, ...more });

test("the stage tells steps and shots", () => {
  const running = { state: "running", stage: "high noise", done: 5, total: 20 };
  assert.equal(stageText(host, job(running)), "activity.stage.high_noise · activity.step 5 20");
  assert.equal(
    stageText(host, job({ ...running, stage: "decode", shot: 1, shots: 2 })),
    "activity.stage.decode · activity.shot 1 2",
  );
  const part = { done: 1, total: 4 };
  assert.equal(
    stageText(host, job({ ...running, stage: "loop", part })),
    "activity.stage.loop · 25%",
  );
  assert.equal(stageText(host, job({ ...running, stage: "a new one" })), "a new one");
  assert.equal(stageText(host, job({ ...running, cancelling: true })), "activity.cancelling");
  assert.equal(stageText(host, job({ position: 3 })), "activity.position 3");
  assert.equal(stageText(host, job({ position: 1 })), "activity.next");
  assert.equal(stageText(host, job({})), "activity.waiting");
});

test("times are told no more exactly than they are known", () => {
  assert.equal(clockText(65_400), "1:05");
  assert.equal(clockText(3_725_000), "1:02:05");
  assert.equal(leftText(host, null), "");
  assert.equal(leftText(host, 0), "activity.left_moments");
  assert.equal(leftText(host, 43), "activity.left_seconds 45");
  assert.equal(leftText(host, 130), "activity.left_minutes 2");
  assert.equal(leftText(host, 9000), "activity.left_hours 2.5");
  assert.equal(etaNow(job({ eta: 30, etaAt: 1000 }), 11_000), 20);
  assert.equal(etaNow(job({ eta: 30, etaAt: 1000 }), 99_000), 0);
  assert.equal(etaNow(job({}), 99_000), null);
});

test("ages are told in words", () => {
  const now = 1_000_000_000;
  assert.equal(agoText(host, now - 10_000, now), "activity.just_now");
  assert.equal(agoText(host, now - 125_000, now), "2 minutes ago");
  assert.equal(agoText(host, now - 7_300_000, now), "2 hours ago");
  assert.equal(agoText(host, now - 90_000_000, now), "yesterday");
  const ended = { state: "finished", started: now - 200_000, ended: now - 125_000 };
  assert.equal(endText(host, job(ended), now), "2 minutes ago · activity.took 1:15");
});

// --- notifications

function notifying({
  answer = "granted", permission = "default", visibility = "hidden", missing = false,
} = {}) {
  const kept = new Map();
  const shown = [];
  const toasts = [];
  const set = [];
  let asked = 0;
  class Notification {
    static permission = permission;
    static async requestPermission() {
      asked += 1;
      Notification.permission = answer;
      return answer;
    }
    constructor(title, options) {
      shown.push([title, options.body]);
    }
  }
  const jobs = new EventTarget();
  const context = {
    jobs,
    host: {
      ...host,
      page: {
        visibilityState: visibility,
        defaultView: missing ? {} : { Notification, isSecureContext: true },
      },
      setting: () => true,
      setSetting: async (...pair) => {
        set.push(pair);
        kept.set(...pair);
      },
      toast: (...words) => toasts.push(words[1]),
    },
  };
  const notify = notifier(context);
  notify.start();
  const end = (state) => {
    const detail = job({ state, title: "A push" });
    jobs.dispatchEvent(Object.assign(new Event("ended"), { detail }));
  };
  const settle = () => new Promise((done) => setImmediate(done));
  return { notify, end, shown, toasts, set, kept, asked: () => asked, settle };
}

test("a finished clip is told of while the page is hidden", () => {
  const { end, shown } = notifying({ permission: "granted" });
  end("finished");
  end("failed");
  assert.deepEqual(shown, [["activity.notify_finished", "A push"]]);
});

test("nothing is told while the page is seen or the browser does not allow it", () => {
  for (const how of [{ permission: "granted", visibility: "visible" }, { permission: "denied" }]) {
    const { end, shown } = notifying(how);
    end("finished");
    assert.deepEqual(shown, []);
  }
});

test("the browser is asked when the user switches it on, not when the page is loaded", async () => {
  const { notify, asked, toasts, set, settle } = notifying();
  notify.switched(true, undefined);
  assert.equal(asked(), 0);
  notify.switched(true, false);
  await settle();
  assert.equal(asked(), 1);
  assert.deepEqual(toasts, ["activity.notify_on"]);
  assert.deepEqual(set, []);
  notify.switched(true, false);
  assert.equal(asked(), 1, "only once");
});

test("where the browser refuses, the setting goes off again", async () => {
  const { notify, toasts, set, settle } = notifying({ answer: "denied" });
  notify.switched(true, false);
  await settle();
  assert.deepEqual(set, [["Wanderlens.Notify", false]]);
  assert.deepEqual(toasts, ["activity.notify_denied"]);
});

test("a loop that was saved before the server forgot it is found by its kind and time", () => {
  const prompt = { 4: { class_type: "LoopBlend", inputs: { method: "auto", blend_frames: 8 } } };
  const job = newJob({ id: "1", kind: "loop", state: "running", prompt });
  const clip = { filename: "wanderlens_loop_1.mp4", subfolder: "video", type: "output", modified: 9000 };
  const found = (more) => matchClip(job, [{ ...clip, kind: "loop", settings: {}, ...more }], new Set(), 5000);
  assert.equal(found({})?.clip.filename, clip.filename);
  assert.equal(found({ kind: "convert" }), null);
  assert.equal(found({ modified: 1000 }), null);
});

test("without notifications in the browser the setting goes off after ComfyUI has kept it", async () => {
  const { notify, kept, settle } = notifying({ missing: true });
  // ComfyUI tells of the new value first and keeps it then.
  notify.switched(true, false);
  kept.set("Wanderlens.Notify", true);
  await settle();
  assert.equal(kept.get("Wanderlens.Notify"), false);
});
