// @ts-check
// The only extension of the package. ComfyUI loads every .js file in this folder by itself, so
// whatever else there is has the ending .mjs and does nothing when it is imported.
import { app } from "../../scripts/app.js";
import { addReport } from "./lib/report.mjs";
import { addStyle } from "./lib/style.mjs";

/** Nodes whose output in the page is a report. */
const REPORTING = new Set(["FrameContinuityExtend", "LoopBlend", "Wan22ImageToVideo"]);

app.registerExtension({
  name: "Wanderlens",
  settings: [
    {
      id: "Wanderlens.KeepLatents",
      category: ["Wanderlens", "Wanderlens", "KeepLatents"],
      name: "Keep sampled latents, so that changing only the frame rate does not sample again",
      tooltip: "They lie in a folder of limited size; the oldest make room for new ones.",
      type: "boolean",
      defaultValue: true,
    },
  ],
  nodeCreated(/** @type {any} */ node) {
    if (REPORTING.has(node.comfyClass)) addReport(node, document);
    if (node.comfyClass === "ImageStyleCarryover") addStyle(node, document);
  },
});
