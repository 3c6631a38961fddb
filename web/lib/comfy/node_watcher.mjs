// @ts-check
/**
 * Tells of what changes in the graph. There is no event for a changed widget that holds for both
 * renderers, undo, other extensions and links; so what is of interest is looked at, which costs
 * little, and answered when it has come to rest.
 */

/** Milliseconds between two looks. */
const PERIOD = 100;

/** Milliseconds that something must stay as it is. */
const REST = 300;

export class Watcher {
  /**
   * @param {() => string | null} read What is of interest, in short; null while nobody sees it.
   * @param {() => void} changed Called once it has come to rest.
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
  look(now) {
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

  /** Has `changed` called soon, whether anything is other or not. */
  again() {
    this._last = null;
  }
}

/** @typedef {{look: (now: number) => void}} Looking */

/** @type {WeakMap<Document, {watchers: Set<Looking>, timer: any}>} */
const ofPages = new WeakMap();

/**
 * @param {Document} page
 * @param {Looking} watcher Looks from now on while the page is shown.
 * @returns {() => void} Stops it.
 */
export function watch(page, watcher) {
  const view = /** @type {Window} */ (page.defaultView);
  const shared = ofPages.get(page) ?? { watchers: new Set(), timer: null };
  ofPages.set(page, shared);
  shared.watchers.add(watcher);
  shared.timer ??= view.setInterval(() => {
    if (page.hidden) return;
    for (const each of shared.watchers) {
      try {
        each.look(view.performance.now());
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
 * Does something while a node is in a graph of the page. Nodes that are made only to be copied never
 * are in one; and no node is told when its subgraph goes with the workflow.
 *
 * @param {any} node
 * @param {import("./host.mjs").Host} host
 * @param {() => () => void} begin Gives what ends it. It may begin again.
 */
export function follow(node, host, begin) {
  /** @type {(() => void) | null} */
  let end = null;
  const stop = () => {
    end?.();
    end = null;
  };
  const start = () => {
    if (end) return;
    const ends = [begin(), watch(host.page, { look: () => isGone(node, host) && stop() })];
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
 * Whether a node's graph is none of the page any more.
 *
 * @param {any} node
 * @param {import("./host.mjs").Host} host
 */
function isGone({ graph }, { app }) {
  const root = app.rootGraph ?? app.graph;
  if (!root || graph === root || graph === app.canvas?.graph) return false;
  return ![...(root.subgraphs?.values() ?? [])].includes(graph);
}
