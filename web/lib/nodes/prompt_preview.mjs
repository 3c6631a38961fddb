// @ts-check
/** The prompt that a direction composes, on the node itself, before anything is run. */
import { addNodeBox, nodeBoxes } from "./node_box.mjs";
import { element } from "../ui/dom.mjs";
import { Live } from "../ui/debounced_request.mjs";
import { briefOf } from "./prompt_inputs.mjs";
import { follow, watch, Watcher } from "../comfy/node_watcher.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("../presets/store.mjs").PresetStore} PresetStore */

/** The widget's name. It is saved nowhere and is no input of the node. */
export const COMPOSED_WIDGET = "composed_prompt";

const ROUTE = "/wanderlens/compose";

/** Pixels: room for a few lines before the box scrolls. */
const MIN_HEIGHT = 120;

/**
 * @typedef {object} Shown
 * @property {string} positive
 * @property {string} negative
 * @property {string} report
 * @property {string} later Which inputs are known only when the node runs; empty for none.
 * @property {string} error What the server refused; empty for nothing.
 */

/**
 * Puts a box below a CinematicDirection's widgets that shows what it composes now.
 *
 * @param {any} node A node of the graph.
 * @param {{host: Host, presets: PresetStore}} context
 */
export function addComposed(node, { host, presets }) {
  const { page } = host;
  const box = element(page, "div.wl.wl-composed", {
    role: "status",
    "aria-label": host.t("composed.label"),
    "data-capture-wheel": "true", // Vue nodes then let it scroll
  }, host.t("composed.waiting"));
  addNodeBox(node, box, {
    name: COMPOSED_WIDGET, type: "WANDERLENS_COMPOSED", minHeight: MIN_HEIGHT,
  });
  const composer = new Composer(host, presets, node, (shown) => {
    for (const each of nodeBoxes(node, box, COMPOSED_WIDGET, page)) showComposed(each, shown, host);
  });
  const watcher = new Watcher(() => composer.question(), () => composer.compose());
  const again = () => watcher.again();
  const onPresets = () => composer.isOld() && again();
  follow(node, host, () => {
    const stops = [watch(page, watcher), host.on("reconnected", again)];
    presets.addEventListener("change", onPresets);
    again();
    return () => {
      stops.forEach((stop) => stop());
      presets.removeEventListener("change", onPresets);
      composer.cancel();
    };
  });
}

/** Asks the server, one question at a time. */
export class Composer {
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
    /** @type {Live<null, any>} */
    this.live = new Live((_, signal) => this.ask(signal), {
      done: ({ positive, negative, report }) => {
        this.last = { positive, negative, report };
        this.tell("");
      },
      // What was composed last stays, so that nothing jumps while one types.
      failed: ({ message }) => this.tell(message),
    });
    this.last = { positive: "", negative: "", report: "" };
    /** Inputs that are known only when the node runs. @type {string[]} */
    this.later = [];
    /** What there was when it was asked last. @type {readonly any[] | null} */
    this.used = null;
  }

  /** Whether presets have changed since it was asked; favourites do not matter. */
  isOld() {
    return this.used !== null && this.used !== this.presets.all();
  }

  /** @returns {string | null} What would be asked now; null while the node is not seen. */
  question() {
    const { node, host } = this;
    const seen = node.graph && node.graph === host.app.canvas?.graph && !node.flags?.collapsed;
    return seen ? JSON.stringify(briefOf(node, this.presets)) : null;
  }

  compose() {
    this.live.ask(null, true);
  }

  /** @param {AbortSignal} signal */
  async ask(signal) {
    // A preset's loop is in the store. What failed to load is not asked for again and again.
    if (this.presets.error === null) await this.presets.ensure().catch(() => {});
    signal.throwIfAborted();
    this.used = this.presets.all();
    const { body, later } = briefOf(this.node, this.presets);
    this.later = later;
    return this.host.postJson(ROUTE, body, signal);
  }

  cancel() {
    this.live.stop();
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
 * Fills a box. Whether its details are open stays as it was.
 *
 * @param {HTMLElement} box The box; what it held goes.
 * @param {Shown} shown What it shows.
 * @param {Host} host
 */
export function showComposed(box, { positive, negative, report, later, error }, host) {
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
