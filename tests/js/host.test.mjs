import assert from "node:assert/strict";
import { test } from "node:test";

import { Host, HostError, errorText, withOwnIds } from "../../web/lib/comfy/host.mjs";
import { annotated, keyOf, refOf, refOfURL } from "../../web/lib/comfy/file_ref.mjs";
import { Texts, filled, textAt } from "../../web/lib/comfy/i18n.mjs";

/** A host whose server answers as `answers` says: path to [status, body]. */
function hostOf(answers, settings = {}) {
  const asked = [];
  const api = {
    clientId: "page",
    apiURL: (route) => `/api${route}`,
    async fetchApi(path, options = {}) {
      asked.push({ path, ...options, body: options.body && JSON.parse(options.body) });
      const found = answers[path];
      if (!found) throw new TypeError("Failed to fetch");
      const [status, body] = found;
      return new Response(typeof body === "string" ? body : JSON.stringify(body), { status });
    },
  };
  const app = { extensionManager: { setting: { get: (id) => settings[id] } } };
  return { host: new Host(app, api, /** @type {any} */ (null), "wanderlens"), asked };
}

test("a file's name goes out and comes back", () => {
  for (const [ref, name] of [
    [{ filename: "a.png", subfolder: "", type: "input" }, "a.png"],
    [{ filename: "a.mp4", subfolder: "video/x", type: "output" }, "video/x/a.mp4 [output]"],
    [{ filename: "a [1].png", subfolder: "clipspace", type: "temp" }, "clipspace/a [1].png [temp]"],
  ]) {
    assert.equal(annotated(/** @type {any} */ (ref)), name);
    assert.deepEqual(refOf(/** @type {any} */ (name)), ref);
  }
  assert.equal(refOf("a\\b.png").subfolder, "a");
  const url = "http://localhost:8188/api/view?filename=a.png&type=temp&subfolder=&rand=0.3";
  const here = "http://localhost:8188";
  assert.deepEqual(refOfURL(url, here), { filename: "a.png", subfolder: "", type: "temp" });
  assert.deepEqual(refOfURL("/api/view?filename=a.png", here), refOf("a.png [output]"));
  assert.equal(refOfURL(url, "http://localhost:8189"), null, "another ComfyUI's");
  assert.equal(refOfURL(`blob:${here}/1`, here), null);
  assert.equal(refOfURL("/api/view?filename=a&type=models", here), null);
  assert.notEqual(keyOf(refOf("a.png")), keyOf(refOf("a.png [output]")));
});

test("texts fall back to English and to their key", () => {
  const texts = new Texts(
    { en: { wanderlens: { a: { b: "Clips: {n}", c: "c" } } }, de: { wanderlens: { a: { c: "C" } } } },
    "de-AT",
  );
  assert.equal(texts.t("a.c"), "C");
  assert.equal(texts.t("a.b", { n: 3 }), "Clips: 3");
  assert.equal(texts.t("a.missing"), "a.missing");
  assert.equal(filled("{a} {constructor}", { a: 1 }), "1 {constructor}");
  assert.equal(textAt({ a: { b: "x" } }, "a"), null);
});

test("a refusal is said in the server's words", async () => {
  const { host } = hostOf({ "/x": [400, { error: "fps must be 16" }], "/y": [500, "oops"] });
  await assert.rejects(host.getJson("/x"), { name: "HostError", message: "fps must be 16", status: 400 });
  await assert.rejects(host.getJson("/y"), { status: 500 });
  await assert.rejects(host.getJson("/gone"), { status: 0 });
});

test("every refused input of a prompt has a line", () => {
  const lines = errorText({
    error: { type: "prompt_outputs_failed_validation", message: "Prompt outputs failed validation" },
    node_errors: {
      11: { class_type: "Wan22ImageToVideo", errors: [{ message: "Bad value", details: "fps" }] },
      4: { class_type: "UNETLoader", errors: [{ message: "Value not in list", details: "unet" }] },
    },
  });
  assert.deepEqual(lines?.split("\n").sort(), [
    "UNETLoader: Value not in list: unet",
    "Wan22ImageToVideo: Bad value: fps",
  ]);
  assert.equal(errorText(null), null);
  assert.equal(errorText({}), null);
});

test("a prompt is queued under our id, with previews", async () => {
  const { host, asked } = hostOf({ "/prompt": [200, { prompt_id: "1", node_errors: {} }] });
  await host.queue({ prompt: { 1: { inputs: {} } }, workflow: { nodes: [] }, promptId: "1" });
  assert.deepEqual(asked[0].body, {
    client_id: "page",
    prompt_id: "1",
    prompt: { "wanderlens.1": { inputs: {} } },
    extra_data: { extra_pnginfo: { workflow: { nodes: [] } }, preview_method: "latent2rgb" },
  });
  const chosen = hostOf({}, { "Comfy.Execution.PreviewMethod": "none" });
  assert.equal(chosen.host.previewMethod(), "none");
});

test("a prompt of which only a part would run is taken back", async () => {
  const errors = { 7: { class_type: "SaveVideo", errors: [{ message: "Bad", details: "x" }] } };
  const { host, asked } = hostOf({
    "/prompt": [200, { prompt_id: "1", node_errors: errors }],
    "/queue": [200, ""],
    "/interrupt": [200, ""],
  });
  await assert.rejects(host.queue({ prompt: {}, workflow: {}, promptId: "1" }), HostError);
  assert.deepEqual(asked.slice(1).map(({ path, body }) => [path, body]), [
    ["/queue", { delete: ["1"] }],
    ["/interrupt", { prompt_id: "1" }],
  ]);
});

test("a user's file that is not there is none, and is not asked for", async () => {
  const root = "/v2/userdata?path=";
  const folder = "/v2/userdata?path=wanderlens";
  const file = "/userdata/wanderlens%2Ffavourites.json";
  const fresh = hostOf({ [root]: [200, [{ path: "workflows" }]] });
  assert.equal(await fresh.host.readUserFile("favourites.json"), null);
  const listed = { [root]: [200, [{ path: "wanderlens" }]], [folder]: [200, []] };
  assert.equal(await hostOf(listed).host.readUserFile("favourites.json"), null);
  const there = { ...listed, [folder]: [200, [{ path: "wanderlens/favourites.json" }]] };
  const { host } = hostOf({ ...there, [file]: [200, { clips: [] }] });
  assert.deepEqual(await host.readUserFile("favourites.json"), { clips: [] });
  const { host: refused } = hostOf({ ...there, [file]: [403, { error: "no" }] });
  await assert.rejects(refused.readUserFile("favourites.json"), { status: 403 });
});

test("the nodes of a queued prompt have ids that the canvas has not, and their links follow", () => {
  const prompt = {
    2: { class_type: "LoadImage", inputs: { image: "2" } },
    7: { class_type: "Any", inputs: { image: ["2", 0], size: [2, 5], list: ["2", "0"], n: 1 } },
  };
  assert.deepEqual(withOwnIds(prompt), {
    "wanderlens.2": { class_type: "LoadImage", inputs: { image: "2" } },
    "wanderlens.7": {
      class_type: "Any",
      inputs: { image: ["wanderlens.2", 0], size: [2, 5], list: ["2", "0"], n: 1 },
    },
  });
  assert.deepEqual(prompt[7].inputs.image, ["2", 0]);
  const own = withOwnIds(prompt);
  assert.deepEqual(withOwnIds(own), own, "once is enough");
  const mixed = { 5: { inputs: {} }, "wanderlens.5": { inputs: {} } };
  assert.equal(Object.keys(withOwnIds(mixed)).length, 2, "no node takes another's place");
});
