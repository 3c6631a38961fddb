// @ts-check
/** A card of the preset gallery: an animated thumbnail, the name, and its buttons. */
import { element } from "../ui/dom.mjs";
import { MARGIN } from "./thumbnail.mjs";
import { moveAlong } from "../camera/animate_still.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("./fields.mjs").Preset} Preset */

/**
 * @typedef {object} CardOptions
 * @property {Host} host
 * @property {Preset} preset
 * @property {boolean} asked It is animated only while pointed at, focused or picked.
 * @property {() => void} onPick
 * @property {() => void} onStar
 * @property {(() => void) | null} onRemove Null where it cannot be removed.
 * @property {() => void} onFocus
 */

export class Card {
  /** @param {CardOptions} options */
  constructor({ host, preset, asked, onPick, onStar, onRemove, onFocus }) {
    this.preset = preset;
    this.wishes = { pointed: false, focused: false, picked: false };
    const make = element.bind(null, host.page);
    const { name, about } = preset;
    /** @type {(kind: string, sign: string, more: any) => HTMLButtonElement} */
    const button = (kind, sign, more) =>
      make(`button.wl-preset-${kind}`, { type: "button", tabindex: -1, ...more }, sign);

    this.picture = make("img.wl-preset-picture", { alt: "", draggable: "false" });
    this.pick = make(
      "button.wl-preset-pick",
      {
        type: "button",
        role: "radio",
        "aria-checked": "false",
        "aria-keyshortcuts": "F",
        tabindex: -1,
        title: about || null,
        onclick: onPick,
        onfocus: onFocus,
      },
      make("span.wl-preset-frame", {}, this.picture),
      make("span.wl-preset-name", {}, name),
      make("span.wl-preset-move", {}, moveText(host, preset)),
    );
    this.star = button("star", "☆", {
      "aria-label": host.t("presets.favourite", { name }),
      "aria-pressed": "false",
      onclick: onStar,
    });
    this.preview = button("preview", "▶", { "aria-label": host.t("presets.preview", { name }) });
    this.remove = onRemove && button("remove", "✕", {
      "aria-label": host.t("presets.delete", { name }),
      title: host.t("presets.delete", { name }),
      onclick: onRemove,
    });
    this.element = make("div.wl-preset", {}, this.pick, this.star, this.preview, this.remove);

    this.stop = moveAlong(this.picture, preset.path, { asked, margin: MARGIN });
    if (asked) this.moveWhenAsked();
    this.moveOnPreview();
  }

  moveWhenAsked() {
    const wish = (/** @type {"pointed" | "focused"} */ kind, /** @type {boolean} */ on) => () => {
      this.wishes[kind] = on;
      this.play();
    };
    this.element.addEventListener("pointerenter", wish("pointed", true));
    this.element.addEventListener("pointerleave", wish("pointed", false));
    this.element.addEventListener("focusin", wish("focused", true));
    this.element.addEventListener("focusout", wish("focused", false));
    this.play = () => this.stop.play(Object.values(this.wishes).some(Boolean));
  }

  /** Where motion is reduced, a button is shown that animates the card while it is held. */
  moveOnPreview() {
    const show = () => this.stop.play(true, true);
    const end = () => this.play();
    for (const event of ["pointerdown", "focus"]) this.preview.addEventListener(event, show);
    for (const event of ["pointerup", "pointerleave", "blur"]) {
      this.preview.addEventListener(event, end);
    }
  }

  /** Starts or pauses the animation. */
  play() {
    this.stop.play(true);
  }

  /** @param {boolean} picked */
  setPicked(picked) {
    this.pick.setAttribute("aria-checked", String(picked));
    this.wishes.picked = picked;
    this.play();
  }

  /** @param {boolean} starred */
  setStarred(starred) {
    this.star.setAttribute("aria-pressed", String(starred));
    this.star.textContent = starred ? "★" : "☆";
  }

  /** @param {boolean} reachable Whether the Tab key reaches it. */
  setReachable(reachable) {
    for (const each of [this.pick, this.star, this.preview, this.remove]) {
      if (each) each.tabIndex = reachable ? 0 : -1;
    }
  }

  destroy() {
    this.stop();
    this.element.remove();
  }
}

/**
 * @param {Host} host
 * @param {Preset} preset
 */
function moveText(host, { camera, loop }) {
  return [camera, loop && host.t("presets.loops")].filter(Boolean).join(" · ");
}
