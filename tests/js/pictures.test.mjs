// Run with: node --test tests/js/
import assert from "node:assert/strict";
import { test } from "node:test";

import { clipOf, inputCopy, pictureIn, pictureOf, uploadPicture } from
  "../../web/lib/comfy/node_media.mjs";

const root = { id: "root", isRootGraph: true };
const hostWith = (nodeOutputs = {}) => ({
  app: { rootGraph: root, graph: root, nodeOutputs },
  page: { location: { origin: "http://host" } },
  t: (key) => key,
});
const file = (filename, type = "output", subfolder = "") => ({ filename, subfolder, type });
const node = (given = {}) => ({ id: 3, graph: root, inputs: [], ...given });

test("what shows nothing has no picture", () => {
  for (const nothing of [null, undefined, 7, {}, node(), node({ widgets: [], imgs: [] })]) {
    assert.equal(pictureOf(hostWith(), nothing), null);
    assert.equal(clipOf(hostWith(), nothing), null);
  }
});

test("a loader shows what its widget names", () => {
  const loader = (value) => node({ widgets: [{ name: "image", value }] });
  assert.deepEqual(pictureOf(hostWith(), loader("a.png")), file("a.png", "input"));
  assert.deepEqual(pictureOf(hostWith(), loader("sub/dir/a b.JPG [output]")),
    file("a b.JPG", "output", "sub/dir"));
  assert.deepEqual(pictureOf(hostWith(), loader("clipspace/x.png [temp]")),
    file("x.png", "temp", "clipspace"));
  assert.equal(pictureOf(hostWith(), loader("clip.mp4")), null);
  assert.equal(pictureOf(hostWith(), loader("")), null);
  const video = node({ widgets: [{ name: "file", value: "video/c.mp4 [output]" }] });
  assert.deepEqual(clipOf(hostWith(), video), file("c.mp4", "output", "video"));
  assert.equal(pictureOf(hostWith(), video), null);
});

test("the widget counts before what an earlier run gave, but not when its input is linked", () => {
  const host = hostWith({ 3: { images: [file("before.png", "input")] } });
  const loader = node({ widgets: [{ name: "image", value: "now.png" }] });
  assert.equal(pictureOf(host, loader).filename, "now.png");
  loader.inputs = [{ name: "image", widget: { name: "image" }, link: 4 }];
  loader.isInputConnected = (index) => loader.inputs[index].link !== null;
  assert.equal(pictureOf(host, loader).filename, "before.png");
  loader.inputs[0].link = null;
  assert.equal(pictureOf(host, loader).filename, "now.png");
});

test("a node shows its last run's picture, the chosen one of several", () => {
  const host = hostWith({ 3: { images: [file("a.png", "temp"), file("b.png", "temp")] } });
  assert.deepEqual(pictureOf(host, node()), file("a.png", "temp"));
  assert.equal(pictureOf(host, node({ imageIndex: 1 })).filename, "b.png");
  assert.equal(pictureOf(host, node({ imageIndex: null })).filename, "a.png");
  assert.equal(pictureOf(host, node({ imageIndex: 9 })).filename, "a.png");
  assert.deepEqual(pictureOf(hostWith(), node({ images: [file("c.webp")] })), file("c.webp"));
});

test("a saved clip is a clip", () => {
  const host = hostWith({ 3: { images: [file("c.mp4", "output", "video")], animated: [true] } });
  assert.equal(pictureOf(host, node()), null);
  assert.deepEqual(clipOf(host, node()), file("c.mp4", "output", "video"));
  const other = hostWith({ 3: { gifs: [{ ...file("g.webm"), format: "video/webm" }] } });
  assert.deepEqual(clipOf(other, node()), file("g.webm"));
});

test("the picture that is drawn counts where nothing else is known", () => {
  const src = "http://host/api/view?filename=a%20b.png&subfolder=s&type=temp&rand=0.1";
  assert.deepEqual(pictureOf(hostWith(), node({ imgs: [{ src }] })), file("a b.png", "temp", "s"));
  assert.equal(pictureOf(hostWith(), node({ imgs: [{ src: src.replace("host", "other") }] })), null);
  assert.equal(pictureOf(hostWith(), node({ imgs: [{ src: "blob:http://host/1" }] })), null);
  assert.equal(pictureOf(hostWith(), node({ imgs: [null, {}] })), null);
});

test("inside a subgraph, the node of that graph counts", () => {
  const inner = { id: "abc", isRootGraph: false };
  const host = hostWith({ 3: { images: [file("outer.png")] }, "abc:3": { images: [file("in.png")] } });
  assert.equal(pictureOf(host, node({ graph: inner })).filename, "in.png");
  assert.equal(pictureOf(host, node()).filename, "outer.png");
});

test("a subgraph's node shows the picture of the node whose preview it has", () => {
  const inner = node({ id: 9, graph: { id: "abc" } });
  const host = hostWith({ "abc:9": { images: [file("in.png")] } });
  const around = node({
    id: 5,
    subgraph: { getNodeById: (id) => (String(id) === "9" ? inner : null) },
    properties: { proxyWidgets: [["8", "seed"], ["9", "$$canvas-image-preview"]] },
  });
  assert.equal(pictureOf(host, around).filename, "in.png");
  around.properties.proxyWidgets.pop();
  assert.equal(pictureOf(host, around), null);
});

test("a subgraph inside itself ends", () => {
  const around = node({ properties: { proxyWidgets: [["3", "$$canvas-image-preview"]] } });
  around.subgraph = { getNodeById: () => around };
  assert.equal(pictureOf(hostWith(), around), null);
});

test("a dropped file, or a picture of ComfyUI's that is dragged", () => {
  const data = (files, uris = "") => ({ files, getData: () => uris });
  const png = { name: "a.png", type: "image/png" };
  const here = "http://h";
  assert.equal(pictureIn(data([{ name: "a.txt", type: "text/plain" }, png]), here), png);
  const uris = "# comment\r\nhttp://h/api/view?filename=a.png&type=temp&subfolder=";
  assert.deepEqual(pictureIn(data([], uris), here), file("a.png", "temp"));
  assert.equal(pictureIn(data([], uris), "http://h:8189"), null, "another ComfyUI's");
  assert.equal(pictureIn(data([], "http://h/other.png"), here), null);
  assert.equal(pictureIn(null, here), null);
});

test("only pictures are uploaded, with a name that ComfyUI knows as one", async () => {
  const names = [];
  const host = { t: (key) => key, upload: async (_, name) => names.push(name) };
  await uploadPicture(host, new File(["x"], "a.png", { type: "image/png" }));
  await uploadPicture(host, new File(["x"], "", { type: "image/webp" }));
  assert.deepEqual(names, ["a.png", "picture.webp"]);
  await assert.rejects(uploadPicture(host, new File(["x"], "a.pdf", { type: "application/pdf" })));
});

test("what is not in the input folder is copied there", async () => {
  const asked = [];
  const host = {
    request: async (path) => {
      asked.push(path);
      return new Response("pixels");
    },
    upload: async (blob, name) => file(`${name}:${blob.size}`, "input", "wanderlens"),
  };
  assert.deepEqual(await inputCopy(host, file("a.png", "input")), file("a.png", "input"));
  assert.deepEqual(await inputCopy(host, file("a b.png", "temp", "s")),
    file("a b.png:6", "input", "wanderlens"));
  assert.deepEqual(asked, ["/view?filename=a+b.png&subfolder=s&type=temp"]);
});
