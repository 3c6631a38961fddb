// @ts-check
/** A card of the grid, reused for one clip after another. */
import { setStarred } from "../ui/buttons.mjs";
import { element } from "../ui/dom.mjs";
import { posterURL } from "../comfy/posters.mjs";
import { lengthOf, description, titleOf } from "./facts.mjs";
import { isLoop, LOOPS } from "./select.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("./store.mjs").Clip} Clip */

export class Card {
  /** @param {Host} host */
  constructor(host) {
    const { page } = host;
    this.host = host;
    /** @type {Clip | null} */
    this.clip = null;
    /** Its index in the list; -1 where it is empty. */
    this.index = -1;
    /** The state that is shown. */
    this._state = "";

    /** @type {HTMLImageElement} */
    this.poster = element(page, "img.wl-clip-poster", {
      alt: "",
      decoding: "async",
      draggable: "false",
      onload: () => this.media.classList.add("wl-clip-media--seen"),
      onerror: () => this.media.classList.add("wl-clip-media--broken"),
    });
    this.length = element(page, "span.wl-clip-length", { "aria-hidden": "true" });
    this.mark = element(page, "button.wl-clip-mark", {
      type: "button",
      tabindex: -1,
      dataset: { act: "select" },
    });
    this.star = element(page, "button.wl-clip-star", {
      type: "button",
      tabindex: -1,
      dataset: { act: "favourite" },
    });
    this.star.append(element(page, "i.pi", { "aria-hidden": "true" }));
    /** @type {HTMLElement} */
    this.media = element(
      page,
      "div.wl-clip-media",
      {},
      this.poster,
      this.length,
      this.mark,
      this.star,
    );
    this.name = element(page, "div.wl-clip-name");
    /** @type {HTMLElement} */
    this.element = element(
      page,
      "div.wl-clip",
      { role: "gridcell", tabindex: -1 },
      this.media,
      this.name,
    );
  }

  /**
   * Shows a clip.
   *
   * @param {Clip | null} clip Null leaves it empty: the last row may be short.
   * @param {number} index In the list.
   */
  show(clip, index) {
    this.index = clip ? index : -1;
    this.element.hidden = !clip;
    if (this.clip === clip) return;
    const samePoster =
      clip && this.clip && posterURL(this.host, clip) === posterURL(this.host, this.clip);
    this.clip = clip;
    this._state = "";
    if (!samePoster) {
      this.poster.removeAttribute("src");
      this.media.classList.remove("wl-clip-media--seen", "wl-clip-media--broken");
    }
    if (!clip) return;
    const { host } = this;
    this.name.textContent = titleOf(clip);
    this.name.title = titleOf(clip);
    const length = lengthOf(host, clip);
    this.length.dataset.text = isLoop(clip) ? `${LOOPS} ${length}` : length;
  }

  /** Loads the poster. */
  showPoster() {
    if (!this.clip || this.poster.hasAttribute("src")) return;
    this.poster.src = posterURL(this.host, this.clip);
  }

  /**
   * @param {number} place Among the selected clips, from 1; 0 where it is not selected.
   * @param {boolean} favourite
   */
  setState(place, favourite) {
    const { host, clip } = this;
    if (!clip) return;
    const state = `${place} ${favourite}`;
    if (state === this._state) return; // most cards do not change
    this._state = state;
    this.element.setAttribute("aria-selected", String(place > 0));
    this.element.setAttribute("aria-label", titleOf(clip));
    this.element.setAttribute("aria-description", description(host, clip, favourite));
    this.mark.dataset.place = place ? String(place) : "";
    this.mark.setAttribute("aria-pressed", String(place > 0));
    this.mark.setAttribute("aria-label", host.t("clips.select", { name: titleOf(clip) }));
    this.mark.title = host.t("clips.select_hint");
    setStarred(this.star, favourite);
    this.star.setAttribute("aria-label", host.t("clips.favourite"));
    this.star.title = host.t("clips.favourite_hint");
  }
}
