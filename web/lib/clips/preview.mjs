// @ts-check
/** Plays the one clip that is pointed at, without sound, in its card. */

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("./store.mjs").Clip} Clip */

/** Milliseconds before a clip is fetched: passing over a card plays nothing. */
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
   * Plays a clip in a place, and in no other any more.
   *
   * @param {HTMLElement} place Its poster's element.
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
   * Ends it.
   *
   * @param {HTMLElement} [place] Only where it plays here.
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
    if (shown instanceof HTMLVideoElement) shown.load(); // lets go of the connection
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
    // The poster stays until there is something to see.
    const seen = () => shown.classList.add("wl-clip-preview--seen");
    shown.addEventListener("playing", seen, { once: true });
    shown.addEventListener("load", seen, { once: true });
    shown.src = url;
    this._shown = shown;
    place.append(shown);
  }
}
