// @ts-check
/** Requests and shows the plan of the clip and its estimate. */
import { element } from "../ui/dom.mjs";
import { DebouncedRequest } from "../ui/debounced_request.mjs";
import { annotated } from "../comfy/file_ref.mjs";
import { LIKELY_FPS } from "./clip_facts.mjs";
import { basisText, estimateText, planTexts } from "./format.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("../comfy/file_ref.mjs").Ref} Ref */
/** @typedef {import("./form.mjs").FormValues} FormValues */
/** @typedef {import("./form.mjs").Mode} Mode */
/** @typedef {import("./format.mjs").Plan} Plan */

/** @typedef {import("./clip_facts.mjs").Facts} Facts */

/**
 * The request for a clip from a picture.
 *
 * @param {FormValues} shot What is made.
 * @param {Ref} picture
 */
export function shotRequest({ fps, duration, loop, resolution, quality, family }, picture) {
  return { image: annotated(picture), fps, duration, loop, resolution, quality, family };
}

/**
 * The request for what is added to a clip.
 *
 * @param {FormValues} shot What is made.
 * @param {Facts} clip
 * @param {Facts | null} next The clip that a bridge leads to.
 */
export function extensionRequest({ duration, quality, family, context_frames }, clip, next) {
  const { width, height, frames, fps } = clip;
  return {
    width, height, duration, quality, family, context_frames,
    extend: { frames, fps: fps ?? LIKELY_FPS, next_frames: next?.frames ?? 0 },
  };
}

/**
 * @param {Mode} mode
 * @param {FormValues} shot What is made.
 * @param {Ref | null} picture In mode "convert".
 * @param {Facts[]} clips In the other modes: the clip, and the next one of a bridge.
 * @returns The request for `/wanderlens/plan`; null where there is nothing to plan yet.
 */
export function planRequest(mode, shot, picture, [clip, next]) {
  if (mode === "convert") return picture && shotRequest(shot, picture);
  return clip ? extensionRequest(shot, clip, next ?? null) : null;
}

export class PlanView {
  /**
   * @param {Host} host
   * @param {(plan: Plan | null, error: any) => void} onPlan Called with each answer.
   */
  constructor(host, onPlan) {
    const make = element.bind(null, host.page);
    this.host = host;
    this.onPlan = onPlan;
    this.lastKey = "";
    /** @type {{fps: number | null, loop: boolean}} */
    this.clip = { fps: null, loop: false };
    this.result = make("div.wl-plan-made");
    this.estimate = make("div.wl-plan-takes.wl-muted");
    this.element = make("div.wl-plan", { role: "status" }, this.result, this.estimate);
    /** @type {DebouncedRequest<any, Plan>} */
    this.request = new DebouncedRequest(
      (input, signal) => host.postJson("/wanderlens/plan", input, signal),
      { done: (plan) => this.show(plan), failed: (error) => this.fail(error) },
    );
  }

  destroy() {
    this.request.stop();
  }

  /**
   * @param {any} input The request; null for none.
   * @param {{fps: number | null, loop: boolean}} clip For the texts.
   */
  update(input, clip) {
    const key = JSON.stringify([input, clip]);
    if (key === this.lastKey) return;
    this.lastKey = key;
    this.clip = clip;
    this.request.stop();
    if (input) this.request.ask(input);
    else this.clear();
  }

  clear() {
    this.result.textContent = "";
    this.estimate.textContent = "";
    this.element.title = "";
    this.onPlan(null, null);
  }

  /** @param {Plan} plan */
  show(plan) {
    const { host } = this;
    this.result.textContent = planTexts(host, plan, this.clip).join(" · ");
    this.estimate.textContent = estimateText(host, plan.estimate);
    this.element.title = [basisText(host, plan.estimate), ...plan.notes].filter(Boolean).join("\n");
    this.onPlan(plan, null);
  }

  /** @param {any} error */
  fail(error) {
    this.clear();
    this.lastKey = "";
    this.onPlan(null, error);
  }
}
