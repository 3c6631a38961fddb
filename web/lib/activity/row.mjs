// @ts-check
/** A row of the list: one job, with a content for each of its states. */
import { element, freshId } from "../ui/dom.mjs";
import { failedBody } from "./failed.mjs";
import { finishedBody } from "./finished.mjs";
import { setText } from "../ui/dom_patch.mjs";
import { runningBody } from "./running_body.mjs";
import { titleText } from "./format.mjs";

/** @typedef {import("./job.mjs").Job} Job */

/**
 * @typedef {object} Body A row's content.
 * @property {HTMLElement} element
 * @property {(job: Job, now: number) => void} update
 * @property {(now: number) => void} tick Updates the times alone.
 * @property {() => void} destroy
 */

/**
 * @typedef {object} RowTools What all rows share.
 * @property {import("../comfy/host.mjs").Host} host
 * @property {import("./selection.mjs").Selection} selection
 * @property {ReturnType<typeof import("./actions.mjs").rowActions>} actions
 * @property {(job: Job) => import("../clips/store.mjs").Clip | null} clipOf Its clip, where the
 *   store has it.
 * @property {(job: Job) => boolean} isFavourite
 * @property {(stop: () => void) => void} play Called when a clip starts to play, with
 *   what stops it.
 */

/** @param {Job} job */
function bodyOf({ state }) {
  if (state === "queued" || state === "running") return "running";
  return state === "finished" ? "finished" : "failed";
}

const BODIES = { failed: failedBody, finished: finishedBody, running: runningBody };

export class Row {
  /**
   * @param {RowTools} tools
   * @param {Job} job
   */
  constructor(tools, job) {
    const { page } = tools.host;
    this._tools = tools;
    /** @type {Job} */
    this.job = job;
    this._bodyName = "";
    /** @type {Body | null} */
    this._body = null;
    this._title = element(page, "div.wl-job-title", { id: freshId("job") });
    /** @type {HTMLElement} */
    this.element = element(page, "li.wl-job", {
      tabindex: -1,
      "aria-labelledby": this._title.id,
      dataset: { id: job.id },
    });
  }

  /**
   * @param {Job} job
   * @param {number} now
   */
  update(job, now) {
    this.job = job;
    const name = bodyOf(job);
    if (name !== this._bodyName) this._replaceBody(name);
    const title = titleText(this._tools.host, job);
    setText(this._title, title);
    if (this._title.title !== title) this._title.title = title;
    if (this.element.dataset.state !== job.state) this.element.dataset.state = job.state;
    this._body?.update(job, now);
  }

  /** @param {number} now */
  tick(now) {
    this._body?.tick(now);
  }

  destroy() {
    this._body?.destroy();
  }

  /** @param {"running" | "finished" | "failed"} name */
  _replaceBody(name) {
    // The focus stays in the list when the button that had it goes.
    const focused = this.element.contains(this.element.ownerDocument.activeElement);
    this._body?.destroy();
    this._bodyName = name;
    this._body = BODIES[name](this._tools, this.job, this._title);
    this.element.replaceChildren(this._body.element);
    if (focused) this.element.focus();
  }
}
