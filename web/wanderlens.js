// @ts-check
// The entry of the package. ComfyUI loads every .js file in this folder by itself, so all other
// modules end in .mjs and have no effect when they are imported.
import { app } from "../../scripts/app.js";
import { api } from "../../scripts/api.js";
import { extension } from "./lib/extension.mjs";
import { Host } from "./lib/comfy/host.mjs";

// The package's folder, which may have any name.
const [, pack] = /\/extensions\/([^/]+)\//.exec(new URL(import.meta.url).pathname) ?? [];

app.registerExtension(extension(new Host(app, api, document, decodeURIComponent(pack ?? ""))));
