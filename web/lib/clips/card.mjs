// @ts-check
/** A card of the grid: it shows one clip after another. */
import { element } from "../ui/dom.mjs";
import { posterURL } from "../comfy/posters.mjs";
import { lengthOf, spoken, titleOf } from "./facts.mjs";
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
    /** Its place in the list; -1 where it shows nothing. */
    this.index = -1;
    this._said = "";

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
   * @param {Clip | null} clip Null for none: the last row may be short.
   * @param {number} index Its place in the list.
   */
  show(clip, index) {
    this.index = clip ? index : -1;
    this.element.hidden = !clip;
    if (this.clip === clip) return;
    const samePoster =
      clip && this.clip && posterURL(this.host, clip) === posterURL(this.host, this.clip);
    this.clip = clip;
    this._said = "";
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

  /** Has the poster fetched. */
  showPoster() {
    if (!this.clip || this.poster.hasAttribute("src")) return;
    this.poster.src = posterURL(this.host, this.clip);
  }

  /**
   * Says how the clip stands.
   *
   * @param {number} place Its place among the selected clips from 1; 0 where it is not selected.
   * @param {boolean} favourite
   */
  setState(place, favourite) {
    const { host, clip } = this;
    if (!clip) return;
    const said = `${place} ${favourite}`;
    if (said === this._said) return; // most cards stay as they are
    this._said = said;
    this.element.setAttribute("aria-selected", String(place > 0));
    this.element.setAttribute("aria-label", titleOf(clip));
    this.element.setAttribute("aria-description", spoken(host, clip, favourite));
    this.mark.dataset.place = place ? String(place) : "";
    this.mark.setAttribute("aria-pressed", String(place > 0));
    this.mark.setAttribute("aria-label", host.t("clips.select", { name: titleOf(clip) }));
    this.mark.title = host.t("clips.select_hint");
    this.star.setAttribute("aria-pressed", String(favourite));
    this.star.setAttribute("aria-label", host.t("clips.favourite"));
    this.star.title = host.t("clips.favourite_hint");
    this.star.firstElementChild.className = `pi ${favourite ? "pi-star-fill" : "pi-star"}`;
  }
}
