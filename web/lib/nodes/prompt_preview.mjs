// @ts-check
/** Shows on a CinematicDirection node the prompt it composes, before anything is run. */
import { addNodeBox, nodeBoxes } from "./node_box.mjs";
import { element } from "../ui/dom.mjs";
import { DebouncedRequest } from "../ui/debounced_request.mjs";
import { promptInputs } from "./prompt_inputs.mjs";
import { whileInGraph, watch, Watcher } from "../comfy/node_watcher.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("../presets/store.mjs").PresetStore} PresetStore */

/** The widget's name; it is not saved and no input of the node. */
export const PROMPT_PREVIEW_WIDGET = "composed_prompt";

const ROUTE = "/wanderlens/compose";

/** Pixels: room for a few lines before the box scrolls. */
const MIN_HEIGHT = 120;

/**
 * @typedef {object} Shown
 * @property {string} positive
 * @property {string} negative
 * @property {string} report
 * @property {string} later The inputs that are known only when the node runs; empty for none.
 * @property {string} error The server's error; empty for none.
 */

/**
 * Adds a box below a CinematicDirection's widgets that shows its prompt.
 *
 * @param {any} node A node of the graph.
 * @param {{host: Host, presets: PresetStore}} context
 */
export function addPromptPreview(node, { host, presets }) {
  const { page } = host;
  const box = element(page, "div.wl.wl-composed", {
    role: "status",
    "aria-label": host.t("composed.label"),
    "data-capture-wheel": "true", // Vue nodes then let it scroll
  }, host.t("composed.waiting"));
  addNodeBox(node, box, {
    name: PROMPT_PREVIEW_WIDGET, type: "WANDERLENS_COMPOSED", minHeight: MIN_HEIGHT,
  });
  const preview = new PromptPreview(host, presets, node, (shown) => {
    for (const each of nodeBoxes(node, box, PROMPT_PREVIEW_WIDGET, page)) {
      showPromptPreview(each, shown, host);
    }
  });
  const watcher = new Watcher(() => preview.requestKey(), () => preview.compose());
  const again = () => watcher.again();
  const onPresets = () => preview.isStale() && again();
  whileInGraph(node, host, () => {
    const stops = [watch(page, watcher), host.on("reconnected", again)];
    presets.addEventListener("change", onPresets);
    again();
    return () => {
      stops.forEach((stop) => stop());
      presets.removeEventListener("change", onPresets);
      preview.cancel();
    };
  });
}

/** Requests the prompt, one request at a time. */
export class PromptPreview {
  /**
   * @param {Host} host
   * @param {PresetStore} presets
   * @param {any} node
   * @param {(shown: Shown) => void} show
   */
  constructor(host, presets, node, show) {
    this.host = host;
    this.presets = presets;
    this.node = node;
    this.show = show;
    /** @type {DebouncedRequest<null, any>} */
    this.request = new DebouncedRequest((_, signal) => this.ask(signal), {
      done: ({ positive, negative, report }) => {
        this.last = { positive, negative, report };
        this.tell("");
      },
      // The last prompt stays, so that nothing jumps while the user types.
      failed: ({ message }) => this.tell(message),
    });
    this.last = { positive: "", negative: "", report: "" };
    /** Inputs that are known only when the node runs. @type {string[]} */
    this.later = [];
    /** The presets at the last request. @type {readonly any[] | null} */
    this.used = null;
  }

  /** Whether the presets have changed since the last request; favourites do not matter. */
  isStale() {
    return this.used !== null && this.used !== this.presets.all();
  }

  /** @returns {string | null} The present request; null while the node is not visible. */
  requestKey() {
    const { node, host } = this;
    const seen = node.graph && node.graph === host.app.canvas?.graph && !node.flags?.collapsed;
    return seen ? JSON.stringify(promptInputs(node, this.presets)) : null;
  }

  compose() {
    this.request.ask(null, true);
  }

  /** @param {AbortSignal} signal */
  async ask(signal) {
    // The loop of a preset comes from the store; after a failure it is not loaded again.
    if (this.presets.error === null) await this.presets.ensure().catch(() => {});
    signal.throwIfAborted();
    this.used = this.presets.all();
    const { body, later } = promptInputs(this.node, this.presets);
    this.later = later;
    return this.host.postJson(ROUTE, body, signal);
  }

  cancel() {
    this.request.stop();
  }

  /** @param {string} error */
  tell(error) {
    const { later: names } = this;
    const later = names.length
      ? this.host.t("composed.later", { inputs: names.join(", ") }) : "";
    this.show({ ...this.last, later, error });
  }
}

/**
 * Fills a box; its details stay open or closed.
 *
 * @param {HTMLElement} box Its content is replaced.
 * @param {Shown} shown What it shows.
 * @param {Host} host
 */
function showPromptPreview(box, { positive, negative, report, later, error }, host) {
  const make = element.bind(null, host.page);
  const part = (/** @type {string} */ key, /** @type {string} */ text) => text && [
    make("div.wl-label", {}, host.t(`composed.${key}`)),
    make("div.wl-composed-part", {}, text),
  ];
  const open = box.querySelector("details")?.open ?? false;
  const more = (negative || report) && make(
    "details",
    { open },
    make("summary", {}, host.t("composed.more")),
    ...[part("negative", negative), part("report", report)].flat(),
  );
  const parts = [
    error && make("div.wl-error", {}, error),
    positive && make("div.wl-composed-prompt", {}, positive),
    !positive && !error && make("div.wl-muted", {}, host.t("composed.empty")),
    later && make("div.wl-muted.wl-composed-later", {}, later),
    more,
  ];
  box.replaceChildren(...parts.filter((each) => each));
  box.title = [negative, report].filter(Boolean).join("\n\n");
}
