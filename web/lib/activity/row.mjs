// @ts-check
/** A row of the list: one job, whatever becomes of it. */
import { element, freshId } from "../ui/dom.mjs";
import { failedBody } from "./failed.mjs";
import { finishedBody } from "./finished.mjs";
import { setText } from "../ui/dom_patch.mjs";
import { workingBody } from "./running_body.mjs";
import { titleText } from "./format.mjs";

/** @typedef {import("./job_state.mjs").Job} Job */

/**
 * @typedef {object} Body What a row holds while its job is in one of its states.
 * @property {HTMLElement} element
 * @property {(job: Job, now: number) => void} update
 * @property {(now: number) => void} tick Only the time has changed.
 * @property {() => void} destroy
 */

/**
 * @typedef {object} RowTools What rows need.
 * @property {import("../comfy/host.mjs").Host} host
 * @property {import("./selection.mjs").Choice} choice
 * @property {ReturnType<typeof import("./actions.mjs").rowActions>} actions
 * @property {(job: Job) => import("../clips/store.mjs").Clip | null} clipOf What is known of its
 *   clip.
 * @property {(job: Job) => boolean} isFavourite
 * @property {(stop: () => void) => void} play A clip plays now; told how to stop it.
 */

/** @param {Job} job */
function shapeOf({ state }) {
  if (state === "queued" || state === "running") return "working";
  return state === "finished" ? "finished" : "failed";
}

const BODIES = { failed: failedBody, finished: finishedBody, working: workingBody };

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
    this._shape = "";
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
    const shape = shapeOf(job);
    if (shape !== this._shape) this._reshape(shape);
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

  /** @param {"working" | "finished" | "failed"} shape */
  _reshape(shape) {
    // The focus must not fall out of the list with the button that had it.
    const focused = this.element.contains(this.element.ownerDocument.activeElement);
    this._body?.destroy();
    this._shape = shape;
    this._body = BODIES[shape](this._tools, this.job, this._title);
    this.element.replaceChildren(this._body.element);
    if (focused) this.element.focus();
  }
}
