// Run with: node --test tests/js/
// What others can put where the page reads it: the browser's storage, the user's files, the server's
// answers and messages, names of files, settings in clips, what is dragged here.
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Jobs } from "../../web/lib/activity/jobs.mjs";
import { PREFIX } from "../../web/lib/activity/job_storage.mjs";
import { newJob } from "../../web/lib/activity/job.mjs";
import {
  agoText, clockText, endText, etaNow, leftText, stageText, takesText, titleText,
} from "../../web/lib/activity/format.mjs";
import { formOf } from "../../web/lib/clips/actions.mjs";
import { StoredDeletions } from "../../web/lib/clips/deletions.mjs";
import { ClipStore } from "../../web/lib/clips/store.mjs";
import { element } from "../../web/lib/ui/dom.mjs";
import { Favourites } from "../../web/lib/comfy/favourites.mjs";
import { Host, errorText } from "../../web/lib/comfy/host.mjs";
import { pictureIn } from "../../web/lib/comfy/node_media.mjs";
import { posterURL } from "../../web/lib/comfy/posters.mjs";
import { PresetStore } from "../../web/lib/presets/store.mjs";
import { annotated, refOf, refOfURL } from "../../web/lib/comfy/file_ref.mjs";
import { filled, textAt, Texts } from "../../web/lib/comfy/i18n.mjs";
import { Memory, PROMPT, Server, pass, settle } from "./jobs_server.mjs";

const EVIL = `"><img src=x onerror=alert(1)>&type=input#?%00\\..\\../\ud800\n`;
const JUNK = [
  null, true, 0, -1, 1e308, "", EVIL, "__proto__", [], [[]], [null], {}, { a: 1 }, { length: -1 },
  JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}'),
];
const ORIGIN = "http://127.0.0.1:8188";

beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_700_000_000_000 }));
afterEach(() => {
  mock.timers.reset();
  assert.equal({}.polluted, undefined, "no prototype was written to");
});

// --- the browser's storage

const ID = "11111111-1111-4111-8111-111111111111";

/** A page that finds a job in the storage, and hears of it; what it shows of it. */
async function shown(kept) {
  const storage = new Memory();
  storage.setItem(PREFIX + ID, JSON.stringify({ version: 1, ...kept }));
  const server = new Server();
  const jobs = new Jobs(server.host(), storage);
  jobs.start();
  await settle();
  for (const event of ["executing", "progress", "executed", "wanderlens.stage"]) {
    server.say(event, { prompt_id: ID, node: "11", value: 1, max: 2, stage: "decode", output: {} });
  }
  server.say("execution_error", { prompt_id: ID, node_id: "11", exception_message: EVIL });
  await settle();
  const host = { t: (key) => key, texts: { language: "en" } };
  const texts = jobs.all().flatMap((job) => [
    titleText(host, job), stageText(host, job), takesText(host, job), endText(host, job, 1e12),
    agoText(host, job.created, 1e12), leftText(host, etaNow(job, 1e12)), clockText(job.ended),
  ]);
  jobs.stop();
  return texts;
}

test("a remembered job of whatever shape stops nothing", async (t) => {
  const failures = [];
  const trouble = (error) => failures.push(error);
  process.on("unhandledRejection", trouble);
  t.mock.method(console, "error", (error) => failures.push(error));
  const whole = newJob({ id: ID, created: 1_699_999_000_000, prompt: PROMPT });
  for (const state of ["running", "finished"]) {
    for (const field of Object.keys(whole)) {
      for (const junk of JUNK) {
        const kept = { ...whole, state, [field]: junk };
        const texts = await shown(kept).catch((error) => [error]);
        for (const text of texts) {
          if (typeof text === "string") continue;
          failures.push(`${state}, ${field} ${JSON.stringify(junk)}: ${text?.stack ?? text}`);
        }
      }
    }
  }
  process.off("unhandledRejection", trouble);
  assert.deepEqual(failures, []);
});

test("what is kept of deletions is text or left out", () => {
  const storage = new Memory();
  for (const junk of [...JUNK, { ids: [1], clips: [{}], starred: [] }, { ids: "x", clips: "x" }]) {
    for (const kept of [junk, [junk], { 0: junk }]) {
      storage.setItem("wanderlens.clips.deleted", JSON.stringify(kept));
      const read = new StoredDeletions(storage).read();
      assert.ok(read.every(({ ids }) => ids.every((id) => typeof id === "string")));
    }
  }
  storage.setItem("wanderlens.clips.deleted", "{");
  assert.deepEqual(new StoredDeletions(storage).read(), []);
});

// --- the user's files and the server's answers

test("favourites of whatever shape are texts or none, and writing keeps what others wrote", async () => {
  for (const junk of JUNK) {
    for (const file of [junk, { presets: junk }, { presets: [junk, "a"] }]) {
      let written = null;
      const host = {
        readUserFile: async () => file,
        writeUserFile: async (_, value) => {
          written = JSON.parse(JSON.stringify(value));
        },
      };
      const favourites = new Favourites(host, "presets", () => {});
      await favourites.read();
      assert.ok([...favourites.keys].every((key) => typeof key === "string"));
      await favourites.put(["b"], true);
      assert.ok(written.presets.includes("b"));
    }
  }
});

test("an answer of another shape is a failure that is told, and what was known stays", async () => {
  for (const junk of [null, "x", 7, []]) {
    const host = { getJson: async () => junk, readUserFile: async () => null, page: undefined };
    const clips = new ClipStore(host, null);
    await clips.load();
    assert.deepEqual(clips.all() ?? [], []);
    await new PresetStore(host).load().catch(() => {});
  }
});

test("what a server says of a refusal is text, of whatever shape it is", () => {
  for (const junk of JUNK) {
    for (const body of [junk, { error: junk }, { error: { message: junk } }, { node_errors: junk },
      { node_errors: { 1: junk } }, { node_errors: { 1: { errors: junk } } },
      { node_errors: { 1: { errors: [junk] } } }]) {
      const text = errorText(body);
      assert.ok(text === null || typeof text === "string");
    }
  }
});

// --- names of files in addresses

/** A host whose addresses are the routes. */
const host = new Host({}, { apiURL: (route) => `/api${route}` }, {}, "wanderlens");
const REFS = [
  { filename: EVIL, subfolder: EVIL, type: "output" },
  { filename: "//thief.example/x.mp4", subfolder: "https://thief.example", type: "output" },
  { filename: "javascript:alert(1)", subfolder: "../..", type: "javascript:" },
];

test("whatever a file is called, its address leads to this server and says nothing else", () => {
  for (const ref of REFS) {
    for (const address of [host.viewURL(ref), host.viewURL(ref, { v: EVIL }), posterURL(host, ref)]) {
      const url = new URL(address, ORIGIN);
      assert.equal(url.origin, ORIGIN);
      assert.match(url.pathname, /^\/api\/(view|wanderlens\/poster)$/);
      assert.equal(url.hash, "");
      assert.deepEqual([...url.searchParams.keys()].slice(0, 3), ["filename", "subfolder", "type"]);
      assert.equal(url.searchParams.get("filename"), ref.filename.toWellFormed());
      assert.equal(url.searchParams.get("type"), ref.type);
    }
  }
});

test("the user's files stay below our folder of the user's data", async () => {
  const asked = [];
  const api = { fetchApi: async (path) => (asked.push(path), new Response("[]")) };
  const files = new Host({}, api, {}, "wanderlens");
  await files.writeUserFile("presets/../../evil?overwrite=true#.json", {});
  const [path] = asked;
  assert.equal(path.split("?")[0].split("/").length, 3, "one part behind /userdata/");
  assert.match(path, /^\/userdata\/wanderlens%2Fpresets%2F\.\.%2F\.\.%2Fevil%3Foverwrite%3Dtrue%23\.json\?/);
});

test("a preset of another name than a file may have is never written", async () => {
  const files = { t: (key) => key, writeUserFile: () => assert.fail("it was written") };
  for (const name of ["", "..", "a/b", "a\\b", "../evil", "a\0b", "con:", "x".repeat(300)]) {
    await assert.rejects(new PresetStore(files).save(name, {}), { reason: "name" });
  }
});

test("only an address of this server's own is taken for a file of its folders", () => {
  for (const url of [
    "https://thief.example/view?filename=a.png", "//thief.example/view?filename=a.png",
    "javascript:alert(1)//view?filename=a.png", "data:text/html,/view?filename=a.png",
    "file:///view?filename=a.png", "http://127.0.0.1:8188@thief.example/view?filename=a.png",
    "http://127.0.0.1:81880/view?filename=a.png", "http://localhost:8188/view?filename=a.png",
    `${ORIGIN}/view?filename=a.png&type=models`, `${ORIGIN}/view`, "http://[", EVIL,
  ]) {
    const dropped = { files: [], getData: () => `${url}\r\n${url}` };
    assert.equal(refOfURL(url, ORIGIN), null, url);
    assert.equal(pictureIn(dropped, ORIGIN), null, url);
  }
  assert.ok(refOfURL(`${ORIGIN}/api/view?filename=a.png&type=input`, ORIGIN));
});

test("the settings that a clip's file carries open the form and nothing else", () => {
  for (const kind of ["convert", "extend", "bridge"]) {
    const form = formOf({ kind, settings: { image: EVIL, next: EVIL, direction: EVIL } });
    for (const ref of [form.picture, form.clip, form.next]) {
      if (!ref) continue;
      assert.ok(["input", "output", "temp"].includes(ref.type));
      assert.equal(new URL(host.viewURL(ref), ORIGIN).origin, ORIGIN);
    }
  }
});

test("a long run of blanks in a name is read at once", () => {
  const started = performance.now();
  refOf(`a${" ".repeat(20_000)}b`);
  annotated(refOf(`a${" [input]".repeat(5_000)}b`));
  assert.ok(performance.now() - started < 3000);
});

// --- texts

test("values in texts are put in as they are, and keys lead to texts only", () => {
  const tree = { a: { b: "{x} and {y}" } };
  assert.equal(filled(tree.a.b, { x: "{y} $& $1 <b>", y: "2" }), "{y} $& $1 <b> and 2");
  assert.equal(filled("{constructor} {__proto__}", {}), "{constructor} {__proto__}");
  for (const key of ["__proto__", "constructor.name", "a.constructor", "a.b.length", "a", "", "."]) {
    assert.equal(textAt(tree, key), null, key);
  }
  for (const junk of JUNK) assert.equal(new Texts(junk, "en").t("a.b"), "a.b");
  assert.equal(new Texts({ en: { wanderlens: tree } }, "__proto__").t("a.b", { x: 1, y: 2 }), "1 and 2");
});

test("an element's texts become text, and only what is meant to listens", () => {
  const made = [];
  const page = {
    createElement: (name) => {
      const node = {
        name, attributes: {}, children: [], heard: [], style: {}, dataset: {},
        classList: { add() {} },
        setAttribute: (key, value) => {
          node.attributes[key] = value;
        },
        addEventListener: (event) => node.heard.push(event),
        append: (child) => node.children.push(child),
      };
      made.push(node);
      return node;
    },
  };
  const node = element(page, "button.a", { title: EVIL, onclick: () => {}, textContent: EVIL }, EVIL);
  assert.deepEqual(node.attributes, { title: EVIL });
  assert.deepEqual(node.heard, ["click"]);
  assert.deepEqual(node.children, [EVIL], "a string: the browser makes a text of it");
  assert.equal(node.textContent, EVIL);
  assert.equal(made.length, 1);
});
