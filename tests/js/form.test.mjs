// Run with: node --test tests/js/
import assert from "node:assert/strict";
import { test } from "node:test";

import { changed, problems, recommended, startValues, tidied } from "../../web/lib/convert/form.mjs";
import { FormDraft } from "../../web/lib/convert/draft.mjs";
import { DebouncedRequest } from "../../web/lib/ui/debounced_request.mjs";
import { extensionRequest, shotRequest } from "../../web/lib/convert/plan.mjs";
import { validate } from "../../web/lib/convert/validation.mjs";
import { PictureUpload } from "../../web/lib/convert/upload.mjs";
import { finalOf, shotOf } from "../../web/lib/workflows/values.mjs";
import { durationText, estimateText, planTexts } from "../../web/lib/convert/format.mjs";

const hostWith = (settings = {}) => ({
  setting: (id) => settings[id],
  t: (key, values) => (values ? `${key} ${Object.values(values).join(" ")}` : key),
  texts: { language: "en" },
});
const values = (given = {}, mode = "convert") => startValues(hostWith(), mode, given);

test("the form starts with the settings, then with what is given", () => {
  const host = hostWith({ "Wanderlens.Fps": 32, "Wanderlens.Duration": 3, "Wanderlens.Family": "5b",
    "Wanderlens.IncludePrompt": false, "Wanderlens.Loop": true });
  const started = startValues(host, "convert", { duration: 7 });
  assert.deepEqual(
    [started.fps, started.duration, started.family, started.include_image_prompt, started.loop],
    [32, 7, "5b", false, true],
  );
  assert.equal(startValues(host, "extend").loop, false, "an extension has an end of its own");
  assert.equal(startValues(host, "extend").duration, 5);
  assert.equal(startValues(host, "bridge").duration, 2);
  assert.equal(startValues(host, "bridge", { family: "5b" }).family, "a14b");
});

test("a seed of its own each time", () => {
  const seeds = new Set(Array.from({ length: 20 }, () => values().seed));
  assert.ok(seeds.size > 15);
  assert.equal(values({ seed: 7 }).seed, 7);
});

test("what the form has no choice for is left out", () => {
  const odd = { fps: 30, quality: "custom", resolution: "custom", seed: 1.5, duration: "5", loop: 1,
    family: "c", direction: null, intensity: 9, models: { vae: 3, high_noise: "a" }, more: 1 };
  assert.deepEqual(tidied(odd), { models: { high_noise: "a" } });
  const { fps, quality, resolution, duration, models } = values(odd);
  assert.deepEqual([fps, quality, resolution, duration], [16, "standard", "480p", 5]);
  assert.equal(models.high_noise, "a");
  assert.equal(models.vae, "");
});

test("the rate follows the model that makes it by itself, if it was the other's own", () => {
  const small = changed(values(), { family: "5b" });
  assert.equal(small.fps, 24);
  assert.equal(changed(small, { family: "a14b" }).fps, 16);
  assert.equal(changed(values({ fps: 32 }), { family: "5b" }).fps, 32);
  assert.equal(changed(small, { family: "5b", fps: 16 }).fps, 16, "16 can be chosen");
});

test("a preset sets what it recommends, and an extension keeps its own length", () => {
  const preset = { id: "a/b", fps: 16, duration: 4, loop: true };
  assert.deepEqual(recommended(values(), preset, "convert"),
    { preset: "a/b", fps: 16, duration: 4, loop: true });
  assert.equal(recommended(values({ family: "5b" }), preset, "convert").fps, 24);
  assert.deepEqual(recommended(values(), preset, "extend"), { preset: "a/b" });
  assert.deepEqual(recommended(values(), null, "convert"), { preset: "" });
});

test("a draft is 480p and fast with the same seed, and its final as chosen", () => {
  const form = values({ draft: true, resolution: "720p", quality: "best", seed: 3 });
  const draft = shotOf(form);
  assert.deepEqual([draft.resolution, draft.quality, draft.seed], ["480p", "fast", 3]);
  const final = shotOf(finalOf(form));
  assert.deepEqual([final.resolution, final.quality, final.seed], ["720p", "best", 3]);
  assert.equal(shotOf({ ...form, family: "5b" }).quality, "standard", "the 5B has no fast one");
});

test("values out of range are named with what they may be", () => {
  assert.deepEqual(problems(values(), "convert"), []);
  const found = problems({ ...values(), duration: Number.NaN, seed: -1, intensity: 2 }, "convert");
  assert.deepEqual(found.map(({ field }) => field), ["duration", "seed", "intensity"]);
  assert.deepEqual(problems(values({ duration: 11 }), "bridge").map(({ values: range }) => range),
    [{ min: 0.25, max: 10 }]);
  const closed = problems({ ...values(), family: "5b", loop: true }, "extend");
  assert.deepEqual(closed.map(({ field }) => field), ["loop"]);
});

test("what is asked of the plan", () => {
  const shot = values({ fps: 24, loop: true });
  assert.deepEqual(shotRequest(shot, { filename: "a.png", subfolder: "s", type: "temp" }), {
    image: "s/a.png [temp]", fps: 24, duration: 5, loop: true, resolution: "480p",
    quality: "standard", family: "a14b",
  });
  const clip = { width: 832, height: 480, frames: 81, fps: 16 };
  assert.deepEqual(extensionRequest(values({ duration: 2 }, "bridge"), clip, { ...clip, frames: 9 }), {
    width: 832, height: 480, duration: 2, quality: "standard", family: "a14b", context_frames: 5,
    extend: { frames: 81, fps: 16, next_frames: 9 },
  });
});

test("times are as exact as one may know", () => {
  const said = (seconds) => durationText(hostWith(), seconds).replace("convert.time.", "");
  assert.deepEqual([0.2, 4.4, 33, 89, 91, 600, 3600, 5400, 7150].map(said), [
    "seconds 1", "seconds 4", "seconds 35", "seconds 90", "minutes 2", "minutes 10", "hours 1",
    "hours_minutes 1 30", "hours 2",
  ]);
});

test("what is made and what it takes, in words", () => {
  const plan = { width: 832, height: 480, frames: 80, seconds: 5 };
  assert.deepEqual(planTexts(hostWith(), plan, { fps: 16, loop: true }), [
    "convert.made.period 5", "convert.made.frames 80", "convert.made.fps 16",
    "convert.made.size 832 480",
  ]);
  assert.equal(estimateText(hostWith(), null), "convert.takes.unknown");
  const estimate = { seconds: 30, memory_bytes: 2.15e10, runs: 2, exact: true };
  assert.equal(estimateText(hostWith(), estimate),
    "convert.takes.time_memory convert.time.seconds 30 21.5");
  assert.equal(estimateText(hostWith(), { ...estimate, memory_bytes: null }),
    "convert.takes.time convert.time.seconds 30");
});

test("what was typed is draft by mode, whatever the storage holds", () => {
  const data = new Map();
  const storage = {
    getItem: (key) => data.get(key) ?? null,
    setItem: (key, text) => data.set(key, text),
    removeItem: (key) => data.delete(key),
  };
  const draft = new FormDraft(storage, "convert");
  assert.equal(draft.read(), null);
  draft.write({ values: { direction: "x" }, picture: null });
  assert.deepEqual(draft.read(), { values: { direction: "x" }, picture: null });
  assert.equal(new FormDraft(storage, "extend").read(), null);
  for (const odd of ["", "{", "7", "null", "{\"values\":null}"]) {
    data.set("wanderlens.form.convert", odd);
    assert.equal(draft.read(), null, odd);
  }
  draft.clear();
  assert.equal(data.size, 0);
  const none = { getItem() { throw new Error("no"); }, setItem() { throw new Error("no"); },
    removeItem() { throw new Error("no"); } };
  const without = new FormDraft(none, "convert");
  without.write({ values: {}, picture: null });
  without.clear();
  assert.equal(without.read(), null);
});

test("of questions in a row only the last is asked, and only its answer is told", async () => {
  const asked = [];
  const told = [];
  const later = () => new Promise((done) => setTimeout(done, 15));
  const request = new DebouncedRequest(async (input, signal) => {
    asked.push(input);
    await later();
    if (signal.aborted) throw new Error("aborted");
    if (input === "bad") throw new Error("refused");
    return input.toUpperCase();
  }, { done: (output) => told.push(output), failed: (error) => told.push(error.message) }, 5);
  request.ask("a");
  request.ask("b");
  await later();
  request.ask("c", true); // while b is being answered
  await later();
  await later();
  request.ask("bad", true);
  await later();
  await later();
  request.ask("d", true);
  request.stop();
  await later();
  await later();
  assert.deepEqual(asked, ["b", "c", "bad", "d"]);
  assert.deepEqual(told, ["C", "refused"]);
});

test("what is wrong is said where it is, and why nothing can be made", () => {
  const picture = { filename: "a.png", subfolder: "", type: "input" };
  const stand = (given) => validate(hostWith(), {
    mode: "convert", values: values(), source: { picture }, refusal: null, ...given,
  });
  const good = stand({});
  assert.deepEqual([good.unfit, good.refused], ["", ""]);
  assert.ok(Object.values(good.fields).every((text) => text === ""));
  assert.equal(stand({ source: { picture: null } }).unfit, "convert.no_picture");
  assert.equal(stand({ mode: "bridge", source: { clip: picture } }).unfit, "convert.no_clip");
  const short = stand({ values: { ...values(), duration: 0 } });
  assert.equal(short.fields.duration, "convert.problem.duration 0.5 120");
  assert.equal(short.unfit, "convert.problem.some");
  const there = stand({ refusal: { message: "too large", body: { widget: "resolution" } } });
  assert.deepEqual([there.fields.resolution, there.refused], ["too large", "convert.problem.some"]);
  assert.equal(stand({ refusal: { message: "gone", body: null } }).refused, "gone");
});

/** An upload whose server takes each file when it is told to, and what was told of it. */
function uploading() {
  const sent = new Map();
  const told = [];
  const host = {
    t: (key) => key,
    upload: (file, name) => new Promise((done, fail) => sent.set(name, {
      done: () => done({ filename: name, subfolder: "", type: "input" }),
      fail: () => fail(new Error("no room")),
    })),
  };
  const upload = new PictureUpload(host, {
    onPicture: ({ filename }) => told.push(filename),
    onState: (error) => told.push(error?.message ?? (upload.busy ? "busy" : "ready")),
  });
  const file = (name) => new File(["x"], name, { type: "image/png" });
  return { upload, sent, told, file };
}

test("the picture that was given last wins, whichever is there first", async () => {
  const { upload, sent, told, file } = uploading();
  const all = ["a.png", "b.png"].map((name) => upload.take(file(name)));
  sent.get("b.png").done();
  await all[1];
  assert.equal(upload.busy, false);
  sent.get("a.png").done();
  await all[0];
  assert.deepEqual(told, ["busy", "busy", "b.png", "ready"]);
});

test("a picture of ComfyUI's own comes at once, and one on its way does not replace it", async () => {
  const { upload, sent, told, file } = uploading();
  const late = upload.take(file("a.png"));
  await upload.take({ filename: "own.png", subfolder: "", type: "output" });
  sent.get("a.png").fail();
  await late;
  assert.deepEqual(told, ["busy", "ready", "own.png"]);
});

test("an upload that fails is said, and one of a form that was closed is not", async () => {
  const { upload, sent, told, file } = uploading();
  const failing = upload.take(file("a.png"));
  sent.get("a.png").fail();
  await failing;
  assert.deepEqual(told, ["busy", "no room"]);
  const late = upload.take(file("b.png"));
  upload.stop();
  sent.get("b.png").done();
  await late;
  assert.deepEqual(told, ["busy", "no room", "busy"]);
});

test("nothing can be made of the old picture while another is on its way", () => {
  const picture = { filename: "a.png", subfolder: "", type: "input" };
  const form = { mode: "convert", values: values(), source: { picture }, refusal: null };
  assert.equal(validate(hostWith(), form).unfit, "");
  assert.equal(validate(hostWith(), { ...form, uploading: true }).unfit, "convert.adding");
});
