// @ts-check
/** What carries over from the picture, and the prompt as composed while the user types. */
import { element } from "../ui/dom.mjs";
import { DebouncedRequest } from "../ui/debounced_request.mjs";
import { annotated } from "../comfy/file_ref.mjs";
import { toggle } from "../ui/form_controls.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("../comfy/file_ref.mjs").Ref} Ref */
/** @typedef {import("./form.mjs").FormValues} FormValues */

/**
 * @typedef {object} Composed As `/wanderlens/compose` gives it.
 * @property {string} positive
 * @property {string} negative
 * @property {string} report
 * @property {string} camera
 * @property {string} pacing
 * @property {string} look
 * @property {{badge: string, source: string, prompt: string, style: string[]} | null} carried
 * @property {import("../camera/path.mjs").Path} path
 */

const BADGES = new Set(["text", "file", "graph", "pixels"]);

/**
 * The request for the present values.
 *
 * @param {FormValues} values
 * @param {Ref | null} picture Or clip.
 * @param {boolean} loop Whether the moves are to end where they begin.
 */
function promptRequest(values, picture, loop) {
  const { direction, camera, pacing, look, preset, intensity, negative, duration } = values;
  const { include_image_prompt, include_image_style } = values;
  return {
    direction, camera, pacing, look, preset, intensity, negative, loop, include_image_prompt,
    include_image_style, image: picture ? annotated(picture) : "",
    duration: duration >= 0.1 && duration <= 120 ? duration : 5,
  };
}

export class PromptView {
  /**
   * @param {Host} host
   * @param {{ofClip: boolean, onChange: (change: Partial<FormValues>) => void,
   *   onComposed: (composed: Composed | null) => void}} options
   */
  constructor(host, { ofClip, onChange, onComposed }) {
    this.host = host;
    this.make = element.bind(null, host.page);
    this.onComposed = onComposed;
    /** The last request as a text. */
    this.lastKey = "";
    const { make } = this;
    const t = host.t.bind(host);
    /** @type {DebouncedRequest<any, Composed>} */
    this.request = new DebouncedRequest(
      (input, signal) => host.postJson("/wanderlens/compose", input, signal),
      { done: (composed) => this.show(composed), failed: (error) => this.fail(error) },
    );
    this.badge = make("span.wl-badge", { hidden: true });
    this.withPrompt = toggle(host.page, {
      label: t(ofClip ? "convert.include_prompt_clip" : "convert.include_prompt"),
      onChange: (on) => onChange({ include_image_prompt: on }),
    });
    this.withStyle = toggle(host.page, {
      label: t(ofClip ? "convert.include_style_clip" : "convert.include_style"),
      onChange: (on) => onChange({ include_image_style: on }),
    });
    this.carriedPrompt = make("p.wl-carried-text", { tabindex: "-1" });
    this.carriedStyle = make("div.wl-chips");
    this.positive = make("p.wl-form-composed", { "aria-live": "polite", "aria-atomic": "true" });
    this.negative = make("p.wl-form-composed.wl-muted");
    this.report = make("pre.wl-report");
    this.error = make("p.wl-error", { role: "alert" });
    this.count = make("span.wl-section-state");
    this.carriedCard = make(
      "section.wl-card", { "aria-label": t(ofClip ? "convert.from_clip" : "convert.from_picture") },
      make("h3", {}, t(ofClip ? "convert.from_clip" : "convert.from_picture"), this.badge),
      this.withPrompt.element, this.carriedPrompt,
      this.withStyle.element, this.carriedStyle,
    );
    this.element = make(
      "div.wl-prompt", {},
      this.carriedCard,
      make(
        "section.wl-card", { "aria-label": t("convert.prompt") },
        make("h3", {}, t("convert.prompt"), this.count),
        this.error, this.positive,
        make("details.wl-more", {},
          make("summary", {}, t("convert.details")),
          make("h4", {}, t("convert.negative_prompt")), this.negative,
          make("h4", {}, t("convert.report")), this.report),
      ),
    );
    this.showCarried(null);
  }

  destroy() {
    this.request.stop();
  }

  /**
   * @param {FormValues} values
   * @param {Ref | null} picture
   * @param {{loop: boolean, now: boolean}} options
   */
  update(values, picture, { loop, now }) {
    this.withPrompt.set(values.include_image_prompt);
    this.withStyle.set(values.include_image_style);
    this.carriedPrompt.classList.toggle("wl-off", !values.include_image_prompt);
    this.carriedStyle.classList.toggle("wl-off", !values.include_image_style);
    this.carriedCard.hidden = !picture;
    const input = promptRequest(values, picture, loop);
    const key = JSON.stringify(input);
    if (key === this.lastKey) return;
    this.lastKey = key;
    this.element.setAttribute("aria-busy", "true");
    this.request.ask(input, now);
  }

  /** @param {Composed} composed */
  show(composed) {
    this.element.removeAttribute("aria-busy");
    this.error.textContent = "";
    if (this.positive.textContent !== composed.positive) {
      this.positive.textContent = composed.positive;
    }
    const words = composed.positive.split(/\s+/).filter(Boolean).length;
    this.count.textContent = words ? this.host.t("convert.words", { n: words })
      : this.host.t("convert.no_words");
    this.negative.textContent = composed.negative;
    this.report.textContent = composed.report;
    this.showCarried(composed.carried);
    this.onComposed(composed);
  }

  /** @param {Error} error */
  fail(error) {
    this.element.removeAttribute("aria-busy");
    this.error.textContent = error.message;
    this.lastKey = ""; // so that the same values are requested again
    this.onComposed(null);
  }

  /** @param {Composed["carried"]} carried */
  showCarried(carried) {
    const { host, make } = this;
    const known = carried && BADGES.has(carried.badge) ? carried : null;
    this.badge.hidden = !known;
    this.badge.textContent = known ? host.t(`convert.badge.${known.badge}`) : "";
    this.badge.title = known?.source ?? "";
    const none = (/** @type {string} */ key) => {
      const said = host.t(carried ? key : "convert.nothing_yet");
      return make("span.wl-muted", {}, said);
    };
    this.carriedPrompt.replaceChildren(known?.prompt ? known.prompt : none("convert.no_prompt"));
    this.carriedPrompt.title = known?.prompt ?? "";
    const style = known?.style ?? [];
    this.carriedStyle.replaceChildren(
      ...(style.length ? style.map((word) => make("span.wl-chip", {}, word))
        : [none("convert.no_style")]),
    );
  }
}
