// Run with: node --test tests/js/
import assert from "node:assert/strict";
import { test } from "node:test";

import { areVideos, canReuse, clipActions, formOf } from "../../web/lib/clips/actions.mjs";
import { factsOf, lengthOf, description, titleOf } from "../../web/lib/clips/facts.mjs";
import { clipKey, EVERYTHING, filterClips, isFiltered, isLoop } from "../../web/lib/clips/select.mjs";
import { GridSelection } from "../../web/lib/clips/grid_selection.mjs";
import { ClipStore } from "../../web/lib/clips/store.mjs";

/** A clip as the server tells it. */
function clip(name, more = {}) {
  return {
    filename: `${name}.mp4`,
    subfolder: "video",
    type: "output",
    size: 1_500_000,
    modified: 1_700_000_000_000,
    width: 832,
    height: 480,
    fps: 16,
    frames: 81,
    seconds: 5.0625,
    kind: "convert",
    prompt: "",
    preset: "",
    settings: {},
    workflow: true,
    ...more,
  };
}

const names = (clips) => clips.map(({ filename }) => filename.replace(".mp4", ""));

// --- what is shown

test("all words must occur, in whichever of prompt, preset and name, without accents", () => {
  const clips = [
    clip("a", { prompt: "Une forêt sous la pluie", preset: "landscape/morning mist" }),
    clip("b", { prompt: "rain on the window" }),
    clip("wanderlens_loop_00002_"),
  ];
  const found = (text) => names(filterClips(clips, { ...EVERYTHING, text }, new Set()));
  assert.deepEqual(found("foret MIST"), ["a"]);
  assert.deepEqual(found("rain mist"), []);
  assert.deepEqual(found("loop_00002"), ["wanderlens_loop_00002_"]);
  assert.deepEqual(found("video/b"), ["b"]);
  assert.equal(found("   ").length, 3);
});

test("filters for favourites, loops and kind hold together", () => {
  const clips = [
    clip("a", { settings: { loop: true } }),
    clip("b", { kind: "loop" }),
    clip("c", { kind: "extend" }),
  ];
  const found = (query, favourites = []) =>
    names(filterClips(clips, { ...EVERYTHING, ...query }, new Set(favourites)));
  assert.deepEqual(found({ loops: true }), ["a", "b"]);
  assert.deepEqual(found({ kind: "extend" }), ["c"]);
  assert.deepEqual(found({ favourites: true }, ["video/b.mp4"]), ["b"]);
  assert.deepEqual(found({ favourites: true, loops: true }, ["video/c.mp4"]), []);
});

test("four orders, and the list itself stays as it is", () => {
  const clips = Object.freeze([
    clip("clip10", { modified: 3, seconds: 1 }),
    clip("clip9", { modified: 1, seconds: 9 }),
    clip("clip1", { modified: 2, seconds: 1 }),
  ]);
  const ordered = (order) => names(filterClips(clips, { ...EVERYTHING, order }, new Set()));
  assert.deepEqual(ordered("newest"), ["clip10", "clip1", "clip9"]);
  assert.deepEqual(ordered("oldest"), ["clip9", "clip1", "clip10"]);
  assert.deepEqual(ordered("longest"), ["clip9", "clip1", "clip10"]);
  assert.deepEqual(ordered("name"), ["clip1", "clip9", "clip10"]);
});

test("a query is narrow when it leaves something out", () => {
  assert.equal(isFiltered(EVERYTHING), false);
  assert.equal(isFiltered({ ...EVERYTHING, order: "name", text: " " }), false);
  for (const part of [{ text: "a" }, { favourites: true }, { loops: true }, { kind: "loop" }]) {
    assert.equal(isFiltered({ ...EVERYTHING, ...part }), true);
  }
});

test("a key names folder and file; a loop is made or set to be one", () => {
  assert.equal(clipKey({ filename: "a.mp4", subfolder: "" }), "a.mp4");
  assert.equal(clipKey(clip("a")), "video/a.mp4");
  assert.equal(isLoop({}), false);
  assert.equal(isLoop(clip("a", { settings: { loop: true } })), true);
});

test("5,000 clips are searched in far less than a frame is seen", () => {
  const clips = Array.from({ length: 5000 }, (_, at) => clip(`c${at}`, { prompt: `rain ${at}` }));
  filterClips(clips, { ...EVERYTHING, text: "x" }, new Set());
  const start = performance.now();
  filterClips(clips, { ...EVERYTHING, text: "rain 49" }, new Set());
  assert.ok(performance.now() - start < 100);
});

// --- what is said

const texts = { language: "en" };
const speaker = {
  texts,
  t: (key, values = {}) => `${key}${Object.values(values).map((value) => ` ${value}`).join("")}`,
};

test("a clip is called by its prompt's first line, else its preset, else its file", () => {
  assert.equal(titleOf(clip("a", { prompt: "rain\nsnow", preset: "x/y" })), "rain");
  assert.equal(titleOf(clip("a", { preset: "x/y" })), "x/y");
  assert.equal(titleOf(clip("a")), "a.mp4");
});

test("what is not known is not said", () => {
  const keys = (more) => factsOf(speaker, clip("a", more)).map(({ key }) => key);
  assert.deepEqual(keys({}), ["made", "size", "rate", "length", "file", "written"]);
  const settings = { camera: "push in", look: "from preset", seed: 0, quality: "fast" };
  const known = factsOf(speaker, clip("a", { prompt: "rain", settings }));
  const text = Object.fromEntries(known.map((each) => [each.key, each.text]));
  assert.equal(text.seed, "0");
  assert.equal(text.camera, "push in");
  assert.equal(text.look, undefined);
  assert.equal(text.size, "832 × 480");
  assert.equal(text.length, "clips.length 5.06 81");
});

test("lengths and screen readers' texts are short", () => {
  assert.equal(lengthOf(speaker, clip("a")), "clips.seconds 5.1");
  assert.equal(lengthOf(speaker, clip("a", { seconds: 81.3 })), "clips.seconds 81");
  const said = description(speaker, clip("a", { settings: { loop: true } }), true);
  assert.equal(said, "clips.kind.convert, clips.seconds 5.1, clips.loops, clips.favourite");
});

// --- the store

/** A server with clips and user data, as far as the store asks for them. */
class Server {
  constructor(clips, files = {}) {
    this.clips = clips;
    this.files = files;
    this.deleted = new Map();
    this.ids = 0;
    this.requests = [];
    this.failing = null;
    this.most = Infinity; // clips that can be moved in one request
    this.texts = texts;
    this.toasts = [];
    this.app = {};
  }

  t(key) {
    return key;
  }

  toast(severity, summary, detail) {
    this.toasts.push({ severity, summary, detail });
  }

  fail(path) {
    if (this.failing && path.includes(this.failing)) throw new Error("no answer");
  }

  async getJson(path) {
    this.requests.push(path);
    this.fail(path);
    return { clips: [...this.clips], more: false };
  }

  async postJson(path, body) {
    this.requests.push(path);
    this.fail(path);
    if (path.endsWith("/delete")) {
      const keys = new Set(body.clips.map(clipKey));
      const asked = this.clips.filter((each) => keys.has(clipKey(each)));
      const gone = asked.slice(0, this.most);
      this.clips = this.clips.filter((each) => !gone.includes(each));
      return {
        ...(gone.length < asked.length && { error: "the disk is full" }),
        deleted: gone.map((each) => {
          const id = String((this.ids += 1));
          this.deleted.set(id, each);
          return { id, filename: each.filename, subfolder: each.subfolder };
        }),
      };
    }
    const back = body.ids.slice(0, this.most).map((id) => {
      const each = this.deleted.get(id);
      const taken = this.clips.some((other) => clipKey(other) === clipKey(each));
      this.deleted.delete(id);
      return taken ? { ...each, filename: each.filename.replace(".", " (1).") } : each;
    });
    this.clips = [...this.clips, ...back];
    return {
      restored: back.map(({ filename, subfolder }) => ({ filename, subfolder })),
      ...(back.length < body.ids.length && { error: "the disk is full" }),
    };
  }

  async readUserFile(path) {
    this.fail(path);
    return this.files[path] ?? null;
  }

  async writeUserFile(path, value) {
    this.fail(path);
    this.files[path] = value;
  }
}

async function loaded(clips, files) {
  const server = new Server(clips, files);
  const store = new ClipStore(server);
  await store.load();
  return { server, store };
}

test("clips and favourites are loaded, and a change is told", async () => {
  const server = new Server([clip("a")], { "favourites.json": { clips: ["video/a.mp4", 7] } });
  const store = new ClipStore(server);
  let changes = 0;
  store.addEventListener("change", () => (changes += 1));
  assert.equal(store.loaded, false);
  await store.load();
  assert.deepEqual(names(store.all()), ["a"]);
  assert.deepEqual([...store.favourites], ["video/a.mp4"]);
  assert.equal(store.isFavourite(clip("a")), true);
  assert.equal(changes, 1);
});

test("a clip is found by where it lies, in the output folder only", async () => {
  const { store } = await loaded([clip("a")]);
  const ref = { filename: "a.mp4", subfolder: "video", type: "output" };
  assert.equal(store.find(ref)?.filename, "a.mp4");
  assert.equal(store.find({ ...ref, type: "temp" }), null);
  assert.equal(store.find({ ...ref, subfolder: "" }), null);
});

test("loading while it loads reads once more, not many times", async () => {
  const { server, store } = await loaded([clip("a")]);
  server.requests = [];
  await Promise.all([store.load(), store.load(), store.load()]);
  assert.equal(server.requests.length, 2);
});

test("a failure is kept for people, and the clips that were there stay", async () => {
  const { server, store } = await loaded([clip("a")]);
  server.failing = "/wanderlens/clips";
  await store.load();
  assert.equal(store.error, "no answer");
  assert.deepEqual(names(store.all()), ["a"]);
  server.failing = null;
  await store.load();
  assert.equal(store.error, null);
});

test("without favourites there are still clips, and known favourites stay", async () => {
  const files = { "favourites.json": { clips: ["video/a.mp4"] } };
  const { server, store } = await loaded([clip("a")], files);
  server.failing = "favourites.json";
  await store.load();
  assert.equal(store.error, null);
  assert.equal(store.favourites.size, 1);
});

test("a favourite goes into the file beside what others keep there", async () => {
  const files = { "favourites.json": { presets: ["x/y"], clips: ["video/b.mp4"] } };
  const { server, store } = await loaded([clip("a")], files);
  server.files["favourites.json"].clips.push("video/other-window.mp4");
  await store.toggleFavourite(clip("a"));
  assert.deepEqual(server.files["favourites.json"], {
    presets: ["x/y"],
    clips: ["video/b.mp4", "video/other-window.mp4", "video/a.mp4"],
  });
  await store.toggleFavourite(clip("a"));
  assert.equal(server.files["favourites.json"].clips.includes("video/a.mp4"), false);
});

test("a favourite that cannot be kept is none", async () => {
  const { server, store } = await loaded([clip("a")]);
  server.failing = "favourites.json";
  await assert.rejects(store.toggleFavourite(clip("a")), /no answer/);
  assert.equal(store.isFavourite(clip("a")), false);
});

test("deletions are undone one after the other, the last one first", async () => {
  const { store } = await loaded([clip("a"), clip("b"), clip("c")]);
  await store.remove([store.all()[0]]);
  const { deleted } = await store.remove(store.all());
  assert.deepEqual(names(deleted), ["b", "c"]);
  assert.deepEqual(store.all(), []);
  assert.deepEqual(store.deletions.map(({ clips }) => clips.length), [2, 1]);
  await store.undo();
  assert.deepEqual(names(store.all()), ["b", "c"]);
  await store.undo();
  await store.undo();
  assert.deepEqual(names(store.all()).sort(), ["a", "b", "c"]);
  assert.deepEqual(store.deletions, []);
});

test("more clips than a request takes are deleted and brought back in parts", async () => {
  const many = Array.from({ length: 1201 }, (_, at) => clip(`c${at}`));
  const { server, store } = await loaded(many);
  server.requests = [];
  await store.remove(many);
  assert.equal(server.requests.length, 3);
  assert.equal(store.deletions[0].ids.length, 1201);
  await store.undo();
  assert.equal(store.all().length, 1201);
});

test("what was deleted before a failure can be brought back", async () => {
  const many = Array.from({ length: 600 }, (_, at) => clip(`c${at}`));
  const { server, store } = await loaded(many);
  const post = server.postJson.bind(server);
  server.postJson = async (...request) => {
    const answer = await post(...request);
    server.failing = "/delete";
    return answer;
  };
  await assert.rejects(store.remove(many), /no answer/);
  assert.equal(store.all().length, 100);
  await store.undo();
  assert.equal(store.all().length, 600);
});

test("an undo that fails can be tried again", async () => {
  const { server, store } = await loaded([clip("a")]);
  await store.remove(store.all());
  server.failing = "/restore";
  await assert.rejects(store.undo(), /no answer/);
  assert.equal(store.deletions.length, 1);
  server.failing = null;
  await store.undo();
  assert.deepEqual(names(store.all()), ["a"]);
});

test("an undo that stops half-way says so, and the rest can still be brought back", async () => {
  const { server, store } = await loaded(["a", "b", "c"].map((name) => clip(name)));
  await store.remove(store.all());
  server.most = 2;
  await assert.rejects(store.undo(), /the disk is full/);
  assert.deepEqual(names(store.all()), ["a", "b"]);
  assert.deepEqual(names(store.deletions[0].clips), ["c"]);
  server.most = Infinity;
  await store.undo();
  assert.deepEqual(names(store.all()), ["a", "b", "c"]);
  assert.deepEqual(store.deletions, []);
});

test("a delete that stops half-way says so, and what is gone can be brought back", async () => {
  const { server, store } = await loaded(["a", "b", "c"].map((name) => clip(name)));
  server.most = 1;
  await assert.rejects(store.remove(store.all()), /the disk is full/);
  assert.deepEqual(names(store.all()), ["b", "c"]);
  assert.deepEqual(names(store.deletions[0].clips), ["a"]);
});

/** The storage of a browser's tab. */
class TabStorage extends Map {
  getItem(key) {
    return this.get(key) ?? null;
  }

  setItem(key, value) {
    this.set(key, value);
  }

  removeItem(key) {
    this.delete(key);
  }
}

test("what was deleted can be brought back after the page was loaded again", async () => {
  const storage = new TabStorage();
  const server = new Server([clip("a"), clip("b")]);
  const before = new ClipStore(server, storage);
  await before.load();
  await before.remove([clip("a")]);
  await before.remove([clip("b")]);
  const after = new ClipStore(server, storage);
  await after.load();
  assert.deepEqual(after.deletions.map(({ clips }) => names(clips)), [["b"], ["a"]]);
  await after.undo();
  assert.deepEqual(names(after.all()), ["b"]);
  assert.deepEqual(new ClipStore(server, storage).deletions, after.deletions);
  after.forgetDeletions();
  assert.equal(storage.size, 0);
  for (const kept of ["no JSON", "7", '[null, {"ids": ["1"], "clips": [], "starred": []}]']) {
    storage.setItem("wanderlens.clips.deleted", kept);
    assert.deepEqual(new ClipStore(server, storage).deletions, []);
  }
});

/** A store whose server answers a list as it was when it was asked, when it is told to. */
async function slow(clips, files) {
  const { server, store } = await loaded(clips, files);
  const held = [];
  const hold = (name) => {
    const work = server[name].bind(server);
    server[name] = async (...request) => {
      const answer = structuredClone(await work(...request));
      await new Promise((done) => held.push(done));
      return answer;
    };
    return () => {
      server[name] = work;
      held.splice(0).forEach((done) => done());
    };
  };
  return { server, store, hold };
}

const settled = () => new Promise((done) => setTimeout(done));

test("a list that was asked for before a delete does not bring clips back", async () => {
  const { store, hold } = await slow([clip("a"), clip("b")]);
  const seen = [];
  const go = hold("getJson");
  const loading = store.load();
  await settled();
  await store.remove([clip("a")]);
  store.addEventListener("change", () => seen.push(names(store.all()).join()));
  go();
  await loading;
  assert.deepEqual(names(store.all()), ["b"]);
  assert.ok(!seen.includes("a,b"));
});

test("stars that were read before one was set do not take it away", async () => {
  const { store, hold } = await slow([clip("a")]);
  const go = hold("readUserFile");
  const loading = store.load();
  await settled();
  const starring = store.toggleFavourite(clip("a"));
  await settled();
  go();
  await Promise.all([loading, starring]);
  assert.equal(store.isFavourite(clip("a")), true);
});

test("a deleted clip leaves no star to the next of its name, and has it when it is back", async () => {
  const files = { "favourites.json": { clips: ["video/a.mp4", "video/b.mp4"] } };
  const { server, store } = await loaded([clip("a"), clip("b")], files);
  await store.remove([clip("a")]);
  await settled();
  assert.deepEqual(server.files["favourites.json"].clips, ["video/b.mp4"]);
  server.clips.push(clip("a")); // another one
  await store.load();
  assert.equal(store.isFavourite(clip("a")), false);
  await store.undo();
  await settled();
  assert.equal(store.isFavourite(clip("a")), false);
  assert.equal(store.isFavourite(clip("a (1)")), true);
  assert.deepEqual(server.files["favourites.json"].clips, ["video/b.mp4", "video/a (1).mp4"]);
});

test("deletions can be put away", async () => {
  const { store } = await loaded([clip("a")]);
  await store.remove(store.all());
  store.forgetDeletions();
  assert.deepEqual(store.deletions, []);
  assert.deepEqual(store.all(), []);
});

// --- actions

const ref = (name) => ({ filename: `${name}.mp4`, subfolder: "video", type: "output" });

/** The actions over a store, and what they did. */
async function acting(clips, confirm = true) {
  const { server, store } = await loaded(clips);
  const opened = [];
  const submitted = [];
  const asked = [];
  server.app.extensionManager = {
    dialog: { confirm: async (question) => (asked.push(question), confirm) },
  };
  const built = (kind) => async (_, given) => ({
    prompt: {}, workflow: {}, title: kind, kind, given,
  });
  const modules = {
    convert: async () => ({ openConvert: async (_, how) => void opened.push(how) }),
    workflows: async () => ({
      loopWorkflow: built("loop"),
      combineWorkflow: built("combine"),
    }),
  };
  const jobs = { submit: async (job) => void submitted.push(job) };
  const context = { host: server, jobs, clips: store, presets: null };
  return { actions: clipActions(context, modules), server, store, opened, submitted, asked };
}

test("extend and bridge open the form on files, not on all that is known of them", async () => {
  const { actions, opened } = await acting([clip("a"), clip("b")]);
  assert.equal(await actions.extend(clip("a")), true);
  assert.equal(await actions.bridge(clip("a"), clip("b")), true);
  assert.deepEqual(opened, [
    { mode: "extend", clip: ref("a") },
    { mode: "bridge", clip: ref("a"), next: ref("b") },
  ]);
});

test("a clip is not bridged to itself, and one clip is not combined", async () => {
  const { actions, server, opened, submitted } = await acting([clip("a")]);
  assert.equal(await actions.bridge(clip("a"), ref("a")), false);
  assert.equal(await actions.combine([clip("a")]), false);
  assert.deepEqual([opened, submitted], [[], []]);
  assert.deepEqual(server.toasts.map(({ severity }) => severity), ["info", "info"]);
});

test("loop and combine are queued, the clips in their order", async () => {
  const { actions, submitted } = await acting([]);
  assert.equal(await actions.makeLoop(clip("a")), true);
  assert.equal(await actions.combine([clip("b"), clip("a")]), true);
  assert.deepEqual(submitted.map(({ kind, given, picture }) => [kind, given, picture]), [
    ["loop", ref("a"), ref("a")],
    ["combine", [ref("b"), ref("a")], ref("b")],
  ]);
});

test("moving pictures, which ComfyUI loads as no clips, are not gone on from", async () => {
  const webp = { ...ref("a"), filename: "a.webp" };
  const { actions, server, opened, submitted } = await acting([clip("a")]);
  for (const refused of [
    actions.extend(webp), actions.bridge(ref("b"), webp), actions.makeLoop(webp),
    actions.combine([ref("b"), webp]), actions.useLastFrame(webp),
  ]) assert.equal(await refused, false);
  assert.deepEqual([opened, submitted], [[], []]);
  assert.deepEqual([...new Set(server.toasts.map(({ detail }) => detail))], ["a.webp"]);
  assert.deepEqual([areVideos([clip("a"), webp]), areVideos([clip("a")])], [false, true]);
});

test("what goes wrong is shown and done is not said", async () => {
  const { actions, server } = await acting([clip("a")]);
  server.failing = "favourites.json";
  assert.equal(await actions.toggleFavourite(clip("a")), false);
  assert.deepEqual(server.toasts, [
    { severity: "error", summary: "clips.failed.favourite", detail: "no answer" },
  ]);
});

test("settings are reused by kind, for a clip of which only the place is known too", async () => {
  const made = clip("a", { settings: { image: "still.png", direction: "rain", fps: 16 } });
  const { actions, opened } = await acting([made]);
  assert.equal(await actions.reuseSettings(ref("a")), true);
  assert.deepEqual(opened, [
    {
      mode: "convert",
      picture: { filename: "still.png", subfolder: "", type: "input" },
      values: { direction: "rain", fps: 16 },
    },
  ]);
  assert.equal(await actions.reuseSettings(ref("gone")), false);
});

test("an extension is reused on its clip, a bridge on both", () => {
  const settings = { image: "video/a.mp4 [output]", next: "b.mp4", duration: 2 };
  const extend = formOf(clip("x", { kind: "extend", settings }));
  assert.deepEqual(extend, { mode: "extend", clip: ref("a"), values: { duration: 2 } });
  const bridge = formOf(clip("x", { kind: "bridge", settings }));
  assert.equal(bridge.next.filename, "b.mp4");
});

test("only what the form made can be made again", () => {
  const known = { image: "a.png" };
  assert.equal(canReuse(clip("a", { settings: known })), true);
  assert.equal(canReuse(clip("a")), false);
  assert.equal(canReuse(clip("a", { kind: "extend", settings: known })), true);
  assert.equal(canReuse(clip("a", { kind: "bridge", settings: known })), false);
  for (const kind of ["combine", "loop", "other"]) {
    assert.equal(canReuse(clip("a", { kind, settings: known })), false);
  }
});

test("a clip without a graph says so", async () => {
  const { actions, server } = await acting([clip("a", { workflow: false })]);
  assert.equal(await actions.openWorkflow(ref("a")), false);
  assert.equal(server.toasts[0].summary, "clips.no_workflow");
});

test("few clips are deleted at once, many after a question", async () => {
  const many = Array.from({ length: 30 }, (_, at) => clip(`c${at}`));
  const few = await acting(many);
  assert.equal(await few.actions.remove(many.slice(0, 3)), true);
  assert.equal(few.asked.length, 0);
  assert.equal(await few.actions.undo(), true);
  const refused = await acting(many, false);
  assert.equal(await refused.actions.remove(many), false);
  assert.equal(refused.asked.length, 1);
  assert.equal(refused.store.all().length, 30);
});

test("a selection keeps its order, extends from its anchor and follows the list", () => {
  const list = ["a", "b", "c", "d"].map((name) => ({ filename: name, subfolder: "" }));
  const seen = [];
  const selection = new GridSelection((clips) => seen.push(clips.map(({ filename }) => filename)));
  selection.setList(list, 0);
  selection.toggle(2);
  selection.extendTo(0);
  selection.toggle(1);
  assert.deepEqual(seen, [["c"], ["c", "b", "a"], ["c", "a"]]);
  assert.deepEqual([...selection.places()], [["c", 1], ["a", 2]]);
  assert.equal(selection.setList([list[0], { ...list[2] }], 0), false);
  assert.equal(selection.setList([list[0]], 0), true, "one is gone");
  selection.set([]);
  assert.equal(selection.size, 0);
});
