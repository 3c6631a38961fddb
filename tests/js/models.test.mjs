// Run with: node --test tests/js/
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  choices, loadModels, missingModels, neededParts, pickModels, rememberModels,
} from "../../web/lib/convert/models.mjs";

const part = (files, others = []) => ({
  folder: "folder", loader: "Loader", files, all: [...files, ...others],
  wanted: { name: "wanted.safetensors", url: "https://host/wanted.safetensors" },
});
const library = (given = {}) => ({
  high_noise: part(["high.safetensors", "high.gguf"]), low_noise: part(["low.safetensors"]),
  one_model: part([]), text_encoder: part(["umt5.safetensors"]), vae: part(["vae.safetensors"]),
  vae_5b: part([]), lora_high: part([]), lora_low: part([], ["any.safetensors"]), ...given,
});

test("each clip needs its own files", () => {
  assert.deepEqual(neededParts({ family: "5b", quality: "standard" }),
    ["one_model", "text_encoder", "vae_5b"]);
  assert.deepEqual(neededParts({ family: "a14b", quality: "best" }),
    ["high_noise", "low_noise", "text_encoder", "vae"]);
  assert.ok(neededParts({ family: "a14b", quality: "fast" }).includes("lora_high"));
});

test("the given file counts, then the last one, then the best match", () => {
  const picked = pickModels(library(), { vae: "gone.safetensors" },
    { high_noise: "high.gguf", low_noise: "gone.safetensors", lora_low: "any.safetensors" });
  assert.equal(picked.high_noise, "high.gguf");
  assert.equal(picked.low_noise, "low.safetensors");
  assert.equal(picked.vae, "vae.safetensors");
  assert.equal(picked.lora_low, "any.safetensors", "chosen once, though its name does not fit");
  assert.equal(picked.one_model, "");
  const given = pickModels(library(), { high_noise: "high.safetensors" }, { high_noise: "high.gguf" });
  assert.equal(given.high_noise, "high.safetensors");
});

test("what is missing is named with where it is to be had", () => {
  const picked = pickModels(library(), {}, {});
  assert.deepEqual(missingModels(library(), picked, { family: "a14b", quality: "standard" }), []);
  const missing = missingModels(library(), picked, { family: "a14b", quality: "fast" });
  assert.deepEqual(missing.map(({ part: name }) => name), ["lora_high", "lora_low"]);
  assert.deepEqual(missing[0], { part: "lora_high", folder: "folder", name: "wanted.safetensors",
    url: "https://host/wanted.safetensors" });
  const gone = { ...picked, vae: "gone.safetensors" };
  assert.equal(missingModels(library(), gone, { family: "a14b", quality: "best" }).length, 1);
});

test("those that fit come first", () => {
  assert.deepEqual(choices(part(["a"], ["b", "c"])), { fitting: ["a"], others: ["b", "c"] });
});

test("what was chosen is kept, and only if it is another", async () => {
  const written = [];
  const host = {
    getJson: async () => ({ models: library() }),
    readUserFile: async () => {
      throw new Error("unreadable");
    },
    writeUserFile: async (path, value) => written.push([path, value]),
  };
  const { remembered } = await loadModels(host);
  assert.deepEqual(remembered, {});
  await rememberModels(host, { vae: "a", lora_high: "" }, { vae: "b", one_model: "c" });
  await rememberModels(host, { vae: "a" }, { vae: "a" });
  assert.deepEqual(written, [["models.json", { vae: "a", one_model: "c" }]]);
});
