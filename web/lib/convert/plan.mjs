// @ts-check
/** The footer's estimate: what is made and what it takes. */
import { element } from "../ui/dom.mjs";
import { DebouncedRequest } from "../ui/debounced_request.mjs";
import { annotated } from "../comfy/file_ref.mjs";
import { LIKELY_FPS } from "./clip_facts.mjs";
import { basisText, estimateText, planTexts } from "./format.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("../comfy/file_ref.mjs").Ref} Ref */
/** @typedef {import("./form.mjs").FormValues} FormValues */
/** @typedef {import("./format.mjs").Plan} Plan */

/** @typedef {import("./clip_facts.mjs").Facts} Facts */

/**
 * What is asked for a clip from a picture.
 *
 * @param {FormValues} shot What is made.
 * @param {Ref} picture
 */
export function shotQuestion({ fps, duration, loop, resolution, quality, family }, picture) {
  return { image: annotated(picture), fps, duration, loop, resolution, quality, family };
}

/**
 * What is asked for what is added to a clip.
 *
 * @param {FormValues} shot What is made.
 * @param {Facts} clip
 * @param {Facts | null} next The clip that a bridge leads to.
 */
export function extensionQuestion({ duration, quality, family, context_frames }, clip, next) {
  const { width, height, frames, fps } = clip;
  return {
    width, height, duration, quality, family, context_frames,
    extend: { frames, fps: fps ?? LIKELY_FPS, next_frames: next?.frames ?? 0 },
  };
}

export class PlanView {
  /**
   * @param {Host} host
   * @param {(plan: Plan | null, error: any) => void} onPlan Told of each answer.
   */
  constructor(host, onPlan) {
    const make = element.bind(null, host.page);
    this.host = host;
    this.onPlan = onPlan;
    this.asked = "";
    /** @type {{fps: number | null, loop: boolean}} */
    this.clip = { fps: null, loop: false };
    this.made = make("div.wl-plan-made");
    this.takes = make("div.wl-plan-takes.wl-muted");
    this.element = make("div.wl-plan", { role: "status" }, this.made, this.takes);
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
   * @param {any} input What is asked; null for nothing.
   * @param {{fps: number | null, loop: boolean}} clip For the words.
   */
  update(input, clip) {
    const key = JSON.stringify([input, clip]);
    if (key === this.asked) return;
    this.asked = key;
    this.clip = clip;
    this.request.stop();
    if (input) this.request.ask(input);
    else this.clear();
  }

  clear() {
    this.made.textContent = "";
    this.takes.textContent = "";
    this.element.title = "";
    this.onPlan(null, null);
  }

  /** @param {Plan} plan */
  show(plan) {
    const { host } = this;
    this.made.textContent = planTexts(host, plan, this.clip).join(" · ");
    this.takes.textContent = estimateText(host, plan.estimate);
    this.element.title = [basisText(host, plan.estimate), ...plan.notes].filter(Boolean).join("\n");
    this.onPlan(plan, null);
  }

  /** @param {any} error */
  fail(error) {
    this.clear();
    this.asked = "";
    this.onPlan(null, error);
  }
}
