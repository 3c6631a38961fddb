// @ts-check
/**
 * Watches the graph for changes. No event covers changed widgets in both renderers, undo, other
 * extensions and links; so a short text of what matters is polled, and a change reported once it
 * has been stable for a while.
 */

/** Milliseconds between two polls. */
const PERIOD = 100;

/** Milliseconds without a change before it is reported. */
const REST = 300;

export class Watcher {
  /**
   * @param {() => string | null} read The state as a text; null while it is not visible.
   * @param {() => void} changed Called when it is stable after a change.
   */
  constructor(read, changed) {
    this._read = read;
    this._changed = changed;
    /** @type {string | null} */
    this._last = null;
    /** @type {number | null} */
    this._due = null;
  }

  /** @param {number} now Milliseconds. */
  poll(now) {
    const seen = this._read();
    if (seen === null) return;
    if (seen !== this._last) {
      this._last = seen;
      this._due = now + REST;
    } else if (this._due !== null && now >= this._due) {
      this._due = null;
      this._changed();
    }
  }

  /** Makes `changed` be called soon, even without a change. */
  again() {
    this._last = null;
  }
}

/** @typedef {{poll: (now: number) => void}} Pollable */

/** @type {WeakMap<Document, {watchers: Set<Pollable>, timer: any}>} */
const byPage = new WeakMap();

/**
 * @param {Document} page
 * @param {Pollable} watcher Polled from now on while the page is visible.
 * @returns {() => void} Stops it.
 */
export function watch(page, watcher) {
  const view = /** @type {Window} */ (page.defaultView);
  const shared = byPage.get(page) ?? { watchers: new Set(), timer: null };
  byPage.set(page, shared);
  shared.watchers.add(watcher);
  shared.timer ??= view.setInterval(() => {
    if (page.hidden) return;
    for (const each of shared.watchers) {
      try {
        each.poll(view.performance.now());
      } catch (error) {
        shared.watchers.delete(each); // reported once, not ten times a second
        view.reportError(error);
      }
    }
  }, PERIOD);
  return () => {
    shared.watchers.delete(watcher);
    if (shared.watchers.size > 0) return;
    view.clearInterval(shared.timer);
    shared.timer = null;
  };
}

/**
 * Runs something while a node is in a graph of the page. Nodes that are created only to be copied
 * never are; and no node is notified when its subgraph is closed with the workflow.
 *
 * @param {any} node
 * @param {import("./host.mjs").Host} host
 * @param {() => () => void} begin Returns what ends it; may be called again after that.
 */
export function whileInGraph(node, host, begin) {
  /** @type {(() => void) | null} */
  let end = null;
  const stop = () => {
    end?.();
    end = null;
  };
  const start = () => {
    if (end) return;
    const ends = [begin(), watch(host.page, { poll: () => isGone(node, host) && stop() })];
    end = () => ends.forEach((each) => each());
  };
  const { onAdded, onRemoved } = node;
  node.onAdded = function () {
    onAdded?.apply(this, arguments);
    start();
  };
  node.onRemoved = function () {
    onRemoved?.apply(this, arguments);
    stop();
  };
  if (node.graph) start();
}

/**
 * Whether a node's graph is no longer in the page.
 *
 * @param {any} node
 * @param {import("./host.mjs").Host} host
 */
function isGone({ graph }, { app }) {
  const root = app.rootGraph ?? app.graph;
  if (!root || graph === root || graph === app.canvas?.graph) return false;
  return ![...(root.subgraphs?.values() ?? [])].includes(graph);
}
