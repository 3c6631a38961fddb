// Run with: node --test tests/js/
import assert from "node:assert/strict";
import { test } from "node:test";

import { HostError } from "../../web/lib/comfy/host.mjs";
import { fieldsOf, fileOf, matches, nameProblem } from "../../web/lib/presets/fields.mjs";
import { cropOf } from "../../web/lib/presets/thumbnail.mjs";
import { PresetStore } from "../../web/lib/presets/store.mjs";
import { changeUserFile } from "../../web/lib/comfy/user_file.mjs";
import { Watcher } from "../../web/lib/comfy/node_watcher.mjs";

const PATH = { seconds: 5, loop: false, poses: [[1, 0, 0, 0, 1, 0, 0, 0, 1]] };

function preset(id, more = {}) {
  const [group, name] = id.split("/");
  return {
    id, group, name, about: "", text: "", camera: "", pacing: "", look: "", negative: "", fps: 16,
    duration: 5, loop: false, tags: [], mine: group === "user", path: PATH, ...more,
  };
}

/** ComfyUI's user data and our route, in memory. */
class FakeHost {
  files = new Map();
  reads = 0;
  failing = false;

  t(key, values = {}) {
    return [key, ...Object.values(values)].join(" ");
  }

  async getJson(path) {
    assert.equal(path, "/wanderlens/presets");
    this.reads += 1;
    if (this.failing) throw new HostError("the server is away", 0);
    const mine = [...this.files.keys()].filter((name) => name.startsWith("presets/"))
      .map((name) => preset(`user/${name.slice(8, -5)}`, this.files.get(name)));
    return {
      presets: [preset("cinematic/vertigo"), preset("portrait/gentle gaze"), ...mine],
      groups: ["cinematic", "portrait", ...(mine.length ? ["user"] : [])],
      menus: { camera: ["from preset", "none", "push in"], pacing: [], look: [] },
      may_save: true,
    };
  }

  async readUserFile(path) {
    await null;
    return structuredClone(this.files.get(path) ?? null);
  }

  async writeUserFile(path, value, { overwrite = true } = {}) {
    await null;
    if (this.failing) throw new HostError("the disk is full", 500);
    if (!overwrite && this.files.has(path)) throw new HostError("exists", 409);
    this.files.set(path, structuredClone(value));
  }

  async request(path, { method }) {
    assert.equal(method, "DELETE");
    const file = decodeURIComponent(path).replace("/userdata/wanderlens/", "");
    assert.ok(this.files.delete(file));
  }
}

async function loadedStore(host = new FakeHost()) {
  const store = new PresetStore(host);
  await store.load();
  return { host, store };
}

test("presets, menus and favourites are read", async () => {
  const host = new FakeHost();
  host.files.set("favourites.json", { presets: ["cinematic/vertigo", 7], clips: ["a"] });
  const store = new PresetStore(host);
  let changes = 0;
  store.addEventListener("change", () => (changes += 1));
  await Promise.all([store.load(), store.load()]);
  await store.ensure();
  assert.equal(host.reads, 1, "who asks meanwhile waits for the same answer");
  assert.equal(changes, 1);
  const ids = store.all().map((each) => each.id);
  assert.deepEqual(ids, ["cinematic/vertigo", "portrait/gentle gaze"]);
  assert.equal(store.byId("portrait/gentle gaze").name, "gentle gaze");
  assert.equal(store.byId("portrait/none"), null);
  assert.deepEqual([...store.favourites], ["cinematic/vertigo"]);
  assert.deepEqual(store.menus.camera, ["from preset", "none", "push in"]);
  assert.equal(store.maySave, true);
});

test("a failed load says why and keeps what was known", async () => {
  const { host, store } = await loadedStore();
  host.failing = true;
  await assert.rejects(store.load(), /the server is away/);
  assert.equal(store.error, "the server is away");
  assert.equal(store.all().length, 2);
  host.failing = false;
  await store.load();
  assert.equal(store.error, null);
});

test("favourites are kept beside what others keep in the file", async () => {
  const { host, store } = await loadedStore();
  host.files.set("favourites.json", { clips: ["a.mp4"], presets: ["portrait/gentle gaze"] });
  await Promise.all([store.toggleFavourite("cinematic/vertigo"), store.toggleFavourite("user/x")]);
  await store.toggleFavourite("user/x");
  assert.deepEqual(host.files.get("favourites.json"), {
    clips: ["a.mp4"],
    presets: ["portrait/gentle gaze", "cinematic/vertigo"],
  });
  assert.deepEqual([...store.favourites], ["cinematic/vertigo"]);
});

test("a favourite that could not be kept is none", async () => {
  const { host, store } = await loadedStore();
  host.failing = true;
  const kept = store.toggleFavourite("cinematic/vertigo");
  assert.ok(store.favourites.has("cinematic/vertigo"), "it shows at once");
  await assert.rejects(kept, /the disk is full/);
  assert.ok(!store.favourites.has("cinematic/vertigo"));
});

test("stars that cannot be read are not known, and what cannot be read is not written", async () => {
  const host = new FakeHost();
  host.files.set("favourites.json", { presets: ["cinematic/vertigo"] });
  const store = new PresetStore(host);
  const read = host.readUserFile;
  const fail = () => Promise.reject(new HostError("the server is away", 0));
  host.readUserFile = fail;
  await store.load();
  assert.equal(store.loaded, true);
  assert.equal(store.whole, false, "it is read again when it is next needed");
  await assert.rejects(store.toggleFavourite("portrait/gentle gaze"));
  assert.deepEqual(host.files.get("favourites.json"), { presets: ["cinematic/vertigo"] });
  host.readUserFile = read;
  await store.load();
  assert.equal(store.whole, true);
  host.readUserFile = fail;
  await store.load();
  assert.deepEqual([...store.favourites], ["cinematic/vertigo"], "what was known stays");
});

test("changes of one file follow one another, also after one that failed", async () => {
  const host = new FakeHost();
  const add = (key) => changeUserFile(host, "f.json", key, (value = 0) => value + 1);
  const fail = changeUserFile(host, "f.json", "a", () => {
    throw new Error("no");
  });
  const all = [add("a"), add("b"), add("a")];
  await assert.rejects(fail, /no/);
  assert.deepEqual(await Promise.all(all), [1, 1, 2]);
  assert.deepEqual(host.files.get("f.json"), { a: 2, b: 1 });
  host.files.set("f.json", ["not", "an object"]);
  await add("a");
  assert.deepEqual(host.files.get("f.json"), { a: 1 });
});

test("a preset of one's own is written, and not over another unasked", async () => {
  const { host, store } = await loadedStore();
  const id = await store.save(" my shot ", { camera: "push in", text: " wind " });
  assert.equal(id, "user/my shot");
  assert.deepEqual(host.files.get("presets/my shot.json"), {
    version: 1, about: "", text: "wind", camera: "push in", pacing: "", look: "", negative: "",
    fps: 16, duration: 5, loop: false, tags: [],
  });
  assert.ok(store.byId("user/my shot").mine);
  const again = store.save("my shot", { camera: "none" });
  await assert.rejects(again, { name: "PresetSaveError", reason: "exists" });
  host.files.set("presets/other.json", {}); // made in another window
  await assert.rejects(store.save("other", {}), { reason: "exists" });
  await store.save("my shot", { camera: "orbit left" }, { overwrite: true });
  assert.equal(host.files.get("presets/my shot.json").camera, "orbit left");
  await assert.rejects(store.save("a/b", {}), { reason: "name" });
  host.failing = true;
  await assert.rejects(store.save("new", {}), { reason: "host", message: "the disk is full" });
});

test("a preset of one's own can be deleted and put back", async () => {
  const { host, store } = await loadedStore();
  await store.save("shot", { text: "rain" });
  const putBack = await store.remove("user/shot");
  assert.equal(store.byId("user/shot"), null);
  await putBack();
  assert.equal(store.byId("user/shot").text, "rain");
  assert.equal(host.files.get("presets/shot.json").version, 1);
  await assert.rejects(store.remove("cinematic/vertigo"), /notMine/);
});

test("names that cannot be files are refused", () => {
  for (const [name, problem] of [
    ["", "empty"], ["  ", "empty"], [".hidden", "dot"], ["..", "dot"], ["a.", "dot"],
    ["a/b", "characters"], ["a\\b", "characters"], ["a:b", "characters"], ["a\nb", "characters"],
    ["x".repeat(81), "long"],
  ]) {
    assert.equal(nameProblem(name), problem, JSON.stringify(name));
  }
  for (const name of ["my shot", "a.b", "雨の窓", "x".repeat(80), "__proto__"]) {
    assert.equal(nameProblem(name), null, name);
  }
});

test("what a file may not hold is set right", () => {
  const text = "x".repeat(3000);
  const file = fileOf({ fps: 25, duration: -1, loop: "yes", tags: ["a", 1], text });
  assert.deepEqual([file.fps, file.duration, file.loop, file.tags], [16, 5, false, ["a"]]);
  assert.equal(file.text.length, 2000);
  assert.equal(fileOf({ duration: 999 }).duration, 120);
  assert.equal(fileOf({ fps: "24" }).fps, 24);
});

test("the present direction holds what the picked preset says where the form leaves it", () => {
  const base = preset("cinematic/vertigo", {
    camera: "dolly zoom", pacing: "slow", look: "noir", text: "eyes widen", negative: "talking",
    tags: ["fear"], about: "Shock.",
  });
  const values = {
    direction: "rain falls", camera: "from preset", pacing: "none", look: "film shot",
    negative: "blur", fps: 24, duration: 4, loop: true,
  };
  assert.deepEqual(fieldsOf(values, base), {
    about: "Shock.", text: "rain falls. eyes widen", camera: "dolly zoom", pacing: "",
    look: "film shot", negative: "blur, talking", fps: 24, duration: 4, loop: true, tags: ["fear"],
  });
  assert.equal(fieldsOf({ direction: "Rain!" }, base).text, "Rain! eyes widen");
  assert.equal(fieldsOf({ direction: "her eyes widen" }, base).text, "her eyes widen");
  const alone = fieldsOf({ direction: "rain", camera: "from preset" }, null);
  assert.deepEqual([alone.text, alone.camera, alone.negative], ["rain", "", ""]);
});

test("a search finds each word anywhere, whatever its case and accents", () => {
  const found = preset("landscape/morning mist", {
    about: "Café at dawn.", camera: "pan left", tags: ["fog"],
  });
  for (const query of ["", "MIST", "cafe", "fog pan", "landschaft", "landscape left"]) {
    assert.ok(matches(found, query, "Landschaft"), query);
  }
  assert.ok(!matches(found, "fog right", "Landschaft"));
});

test("cards crop only pictures that are very long", () => {
  assert.deepEqual(cropOf(1280, 720), { x: 0, y: 0, width: 1280, height: 720 });
  assert.deepEqual(cropOf(4000, 900), { x: 1200, y: 0, width: 1600, height: 900 });
  assert.deepEqual(cropOf(400, 1500), { x: 0, y: 500, width: 400, height: 500 });
});

test("what changes is told once it rests, and not while nobody sees it", () => {
  let state = "a";
  const told = [];
  const watcher = new Watcher(() => state, () => told.push(state));
  const look = (...times) => times.forEach((time) => watcher.poll(time));
  look(0, 100, 200);
  assert.deepEqual(told, []);
  look(300, 400, 500);
  assert.deepEqual(told, ["a"]);
  state = "b";
  look(600, 700);
  state = "c";
  look(800, 900, 1000);
  assert.deepEqual(told, ["a"], "it has not come to rest");
  look(1100);
  assert.deepEqual(told, ["a", "c"]);
  state = null;
  look(1200, 9000);
  state = "c";
  look(9100, 9500);
  assert.deepEqual(told, ["a", "c"]);
  watcher.again();
  look(9600, 9900);
  assert.deepEqual(told, ["a", "c", "c"]);
});
