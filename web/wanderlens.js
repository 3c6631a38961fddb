// @ts-check
// The only extension of the package. ComfyUI loads every .js file in this folder by itself, so
// whatever else there is has the ending .mjs and does nothing when it is imported.
import { app } from "../../scripts/app.js";
import { api } from "../../scripts/api.js";
import { extension } from "./lib/extension.mjs";
import { Host } from "./lib/comfy/host.mjs";

// The folder that the user has put the package into, which may have any name.
const [, pack] = /\/extensions\/([^/]+)\//.exec(new URL(import.meta.url).pathname) ?? [];

app.registerExtension(extension(new Host(app, api, document, decodeURIComponent(pack ?? ""))));
