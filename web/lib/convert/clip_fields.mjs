// @ts-check
/** The fields of the clip: length, rate, loop, size, quality, model, seed. */
import { element } from "../ui/dom.mjs";
import { choice, menu, seedBox, slider, toggle } from "../ui/form_controls.mjs";
import { CONTEXT_FRAMES, FAMILIES, FPS, QUALITIES, RESOLUTIONS } from "../workflows/choices.mjs";
import { DURATIONS, MAX_SEED, randomSeed } from "./form.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("./form.mjs").FormValues} FormValues */
/** @typedef {import("./form.mjs").Mode} Mode */
/** @typedef {import("../ui/form_controls.mjs").Control} Control */

export class ClipFields {
  /**
   * @param {Host} host
   * @param {Mode} mode
   * @param {(change: Partial<FormValues>) => void} onChange
   */
  constructor(host, mode, onChange) {
    const { page } = host;
    this.host = host;
    const t = host.t.bind(host);
    const { min, max, step, slider: most } = DURATIONS[mode];
    const labelled = (/** @type {string} */ name, /** @type {any[]} */ values, hints = false) =>
      values.map((value) => ({
        value, label: t(`convert.${name}_${String(value).replaceAll(" ", "_")}`),
        hint: hints ? t(`convert.${name}_${value}_hint`) : "",
      }));

    this.duration = slider(page, {
      label: t(`convert.duration_${mode}`), unit: t("convert.seconds"), min, max, step, most,
      onInput: (duration) => onChange({ duration }),
    });
    this.fps = choice(page, {
      label: t("convert.fps"), choices: labelled("fps", FPS, true),
      onChange: (fps) => onChange({ fps }),
    });
    this.loop = toggle(page, {
      label: t(mode === "extend" ? "convert.close_loop" : "convert.loop"),
      hint: t(mode === "extend" ? "convert.close_loop_hint" : "convert.loop_hint"),
      onChange: (loop) => onChange({ loop }),
    });
    this.resolution = choice(page, {
      label: t("convert.resolution"), choices: labelled("resolution", RESOLUTIONS),
      onChange: (resolution) => onChange({ resolution }),
    });
    this.quality = choice(page, {
      label: t("convert.quality"), choices: labelled("quality", QUALITIES, true),
      onChange: (quality) => onChange({ quality }),
    });
    this.family = choice(page, {
      label: t("convert.family"), choices: labelled("family", FAMILIES, true),
      onChange: (family) => onChange({ family }),
    });
    this.seed = seedBox(page, {
      label: t("convert.seed"), draw: t("convert.draw"), max: MAX_SEED,
      onInput: (seed) => onChange({ seed }), onDraw: () => onChange({ seed: randomSeed() }),
    });
    this.draft = toggle(page, {
      label: t("convert.draft"), hint: t("convert.draft_hint"),
      onChange: (draft) => onChange({ draft }),
    });
    this.context_frames = menu(page, {
      label: t("convert.context_frames"), hint: t("convert.context_frames_hint"),
      choices: CONTEXT_FRAMES.map((value) => ({ value: String(value), label: String(value) })),
      onChange: (value) => onChange({ context_frames: Number(value) }),
    });
    this.color_match = slider(page, {
      label: t("convert.color_match"), hint: t("convert.color_match_hint"), min: 0, max: 1,
      step: 0.05, onInput: (value) => onChange({ color_match: value }),
    });

    const row = (/** @type {Control[]} */ ...controls) => element(
      page, "div.wl-form-two", {}, controls.map((control) => control.element),
    );
    /** @type {Record<Mode, () => any[]>} */
    const layouts = {
      convert: () => [
        row(this.duration, this.fps), row(this.loop, this.draft),
        row(this.resolution, this.quality), row(this.family, this.seed),
      ],
      extend: () => [
        row(this.duration, this.quality), row(this.family, this.seed),
        row(this.context_frames, this.color_match), row(this.loop),
      ],
      bridge: () => [
        row(this.duration, this.quality), row(this.context_frames, this.color_match),
        row(this.seed),
      ],
    };
    this.element = element(page, "div.wl-form-part", {}, layouts[mode]());
  }

  /** @param {FormValues} values */
  update(values) {
    const { duration, fps, loop, resolution, quality, family, seed, draft } = values;
    this.duration.set(duration);
    this.fps.set(fps);
    this.loop.set(loop);
    this.resolution.set(resolution);
    this.quality.set(family === "5b" && quality === "fast" ? "standard" : quality);
    this.quality.setOff(family === "5b" ? ["fast"] : [], this.host.t("convert.no_fast_5b"));
    this.family.set(family);
    this.seed.set(seed);
    this.draft.set(draft);
    this.context_frames.set(String(values.context_frames));
    this.color_match.set(values.color_match);
    for (const name of /** @type {const} */ (["resolution", "quality"])) {
      const { element: field } = this[name];
      const label = this.host.t(`convert.${name}`);
      field.classList.toggle("wl-for-final", draft);
      /** @type {HTMLElement} */ (field.querySelector(".wl-label")).textContent = draft
        ? this.host.t("convert.for_final", { name: label }) : label;
    }
  }
}
