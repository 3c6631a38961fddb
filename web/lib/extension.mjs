// @ts-check
/** Registers everything that the package adds to ComfyUI's page. */
import { Jobs } from "./activity/jobs.mjs";
import { notifier } from "./activity/notify.mjs";
import { ClipStore } from "./clips/store.mjs";
import { addPromptPreview } from "./nodes/prompt_preview.mjs";
import { clipOf, pictureOf } from "./comfy/node_media.mjs";
import { addPresetGallery } from "./nodes/preset_gallery.mjs";
import { PresetStore } from "./presets/store.mjs";
import { addReport } from "./nodes/report.mjs";
import { settings } from "./settings.mjs";
import { openSidebar } from "./sidebar.mjs";
import { browserStorage } from "./comfy/storage.mjs";
import { addStyleBadge } from "./nodes/style_badge.mjs";

/** @typedef {import("./comfy/host.mjs").Host} Host */

/** Nodes whose UI output is a report. */
const REPORTING = new Set(["FrameContinuityExtend", "LoopBlend", "Wan22ImageToVideo"]);

const CONVERT = "Wanderlens.Convert";
const EXTEND = "Wanderlens.Extend";
export const TAB = "wanderlens";

const STYLES = ["base", "convert", "presets", "activity", "clips"];

/**
 * @typedef {object} Context What panels and dialogs share.
 * @property {Host} host
 * @property {Jobs} jobs
 * @property {PresetStore} presets
 * @property {ClipStore} clips
 */

/**
 * The object for `app.registerExtension`.
 *
 * @param {Host} host
 */
export function extension(host) {
  /** @type {Context} */
  const context = {
    host,
    jobs: new Jobs(host, browserStorage(host.page)),
    presets: new PresetStore(host),
    clips: new ClipStore(host),
  };
  const notify = notifier(context);
  // On a Mac, Option changes the characters of keys, which ComfyUI then does not match.
  const mac = /mac/i.test(host.page.defaultView?.navigator.platform ?? "");
  const modifiers = mac ? { shift: true } : { alt: true, shift: true };
  const convert = (/** @type {any} */ node) => openForNode(context, node);
  return {
    name: "Wanderlens",
    settings: settings({ onNotify: notify.switched }),
    aboutPageBadges: [
      { label: "Wanderlens", url: "https://registry.comfy.org/nodes/wanderlens", icon: "pi pi-video" },
    ],
    commands: [
      {
        id: CONVERT,
        label: "Convert to Video",
        menubarLabel: "Convert to Video",
        icon: "pi pi-video",
        function: () => convert(selectedNode(host)),
      },
      {
        id: EXTEND,
        label: "Extend the clip",
        icon: "pi pi-fast-forward",
        function: () => openExtend(context, selectedNode(host)),
      },
    ],
    keybindings: [
      { commandId: CONVERT, combo: { key: "v", ...modifiers } },
      { commandId: `Workspace.ToggleSidebarTab.${TAB}`, combo: { key: "a", ...modifiers } },
    ],
    menuCommands: [{ path: ["Wanderlens"], commands: [CONVERT] }],
    actionBarButtons: [
      {
        icon: "pi pi-video",
        get label() {
          return host.t("command.convert");
        },
        get tooltip() {
          return host.t("command.convert_tooltip");
        },
        onClick: () => convert(selectedNode(host)),
      },
    ],
    getSelectionToolboxCommands: (/** @type {any} */ item) => [
      ...(pictureOf(host, item) ? [CONVERT] : []),
      ...(clipOf(host, item) ? [EXTEND] : []),
    ],
    getNodeMenuItems: (/** @type {any} */ node) => [
      ...(pictureOf(host, node)
        ? [{ content: host.t("command.convert"), callback: () => void convert(node) }]
        : []),
      ...(clipOf(host, node)
        ? [{ content: host.t("command.extend"), callback: () => void openExtend(context, node) }]
        : []),
    ],
    async init() {
      for (const name of STYLES) addStyleSheet(host.page, name);
      await host.loadTexts();
    },
    setup() {
      openSidebar(context, TAB);
      context.jobs.start();
      notify.start();
    },
    nodeCreated(/** @type {any} */ node) {
      if (REPORTING.has(node.comfyClass)) addReport(node, host);
      if (node.comfyClass === "ImageStyleCarryover") addStyleBadge(node, host);
      if (node.comfyClass === "PresetSelector") addPresetGallery(node, context);
      if (node.comfyClass === "CinematicDirection") addPromptPreview(node, context);
    },
  };
}

/**
 * @param {Document} page
 * @param {string} name
 */
function addStyleSheet(page, name) {
  const link = page.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL(`../css/${name}.css`, import.meta.url).href;
  page.head.append(link);
}

/**
 * The selected node; null for none and for several.
 *
 * @param {Host} host
 */
function selectedNode(host) {
  const items = /** @type {any[]} */ ([...(host.app.canvas?.selectedItems ?? [])]);
  const nodes = items.filter((item) => Array.isArray(item.inputs)); // no groups, no reroutes
  return nodes.length === 1 ? nodes[0] : null;
}

/**
 * Opens the form with the picture that a node shows, if any.
 *
 * @param {Context} context
 * @param {any} node
 */
async function openForNode(context, node) {
  const { openConvert } = await import("./convert/dialog.mjs");
  const picture = node ? pictureOf(context.host, node) : null;
  return openConvert(context, { mode: "convert", picture });
}

/**
 * Opens the form for extending the clip that a node shows.
 *
 * @param {Context} context
 * @param {any} node
 */
async function openExtend(context, node) {
  const clip = node ? clipOf(context.host, node) : null;
  if (!clip) {
    context.host.toast("info", context.host.t("command.no_clip"));
    return undefined;
  }
  const { openConvert } = await import("./convert/dialog.mjs");
  return openConvert(context, { mode: "extend", clip });
}
