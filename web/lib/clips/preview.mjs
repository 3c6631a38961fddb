// @ts-check
/** Plays the clip that is pointed at in its card, muted. */

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("./store.mjs").Clip} Clip */

/** Milliseconds before a clip is loaded, so that passing over a card plays nothing. */
const DELAY = 180;

const ANIMATED = /\.(webp|gif)$/i;

export class Preview {
  /** @param {Host} host */
  constructor(host) {
    this.host = host;
    /** @type {HTMLElement | null} */
    this._place = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this._timer = undefined;
    /** @type {HTMLElement | null} */
    this._shown = null;
  }

  /**
   * Plays a clip and stops any other.
   *
   * @param {HTMLElement} place The parent of its poster.
   * @param {Clip} clip
   */
  show(place, clip) {
    if (this._place === place) return;
    this.hide();
    const view = this.host.page.defaultView;
    if (view?.matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    this._place = place;
    this._timer = setTimeout(() => this._play(place, clip), DELAY);
  }

  /**
   * Stops it.
   *
   * @param {HTMLElement} [place] Only if it plays there.
   */
  hide(place) {
    if (place && this._place !== place) return;
    clearTimeout(this._timer);
    this._place = null;
    const shown = this._shown;
    this._shown = null;
    if (!shown) return;
    shown.remove();
    shown.removeAttribute("src");
    if (shown instanceof HTMLVideoElement) shown.load(); // closes the connection
  }

  /**
   * @param {HTMLElement} place
   * @param {Clip} clip
   */
  _play(place, clip) {
    const { page } = this.host;
    const url = this.host.viewURL(clip, { v: clip.modified });
    const shown = ANIMATED.test(clip.filename)
      ? page.createElement("img")
      : page.createElement("video");
    shown.className = "wl-clip-preview";
    shown.setAttribute("aria-hidden", "true");
    if (shown instanceof HTMLVideoElement) {
      Object.assign(shown, { muted: true, loop: true, playsInline: true, autoplay: true });
      shown.tabIndex = -1;
    }
    // The poster stays until the first frame is there.
    const seen = () => shown.classList.add("wl-clip-preview--seen");
    shown.addEventListener("playing", seen, { once: true });
    shown.addEventListener("load", seen, { once: true });
    shown.src = url;
    this._shown = shown;
    place.append(shown);
  }
}
