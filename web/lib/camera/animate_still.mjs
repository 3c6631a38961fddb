// @ts-check
/** Animates a still along a camera path, while it is in view and motion is not reduced. */
import { enlargement, isStill, keyframes, representativePose, transformOf } from "./path.mjs";

/** @typedef {import("./path.mjs").Path} Path */

/** Seconds that a move without a loop is held before it starts and after it ends. */
const HOLD_START = 0.4;
const HOLD_END = 0.9;

/**
 * @typedef {object} Options
 * @property {boolean} [alternate] A move without a loop goes there and back; otherwise it starts
 *   again after a hold, so that a push in and a pull back can be told apart.
 * @property {boolean} [asked] It is animated only while `play` asks for it.
 * @property {number} [margin] How much the element extends beyond each edge of the still, as a
 *   fraction of the still's width and height.
 */

/**
 * @typedef {(() => void) & {play: (on: boolean, explicit?: boolean) => void}} Stop Ends the
 *   animation and resets the element. `play` starts and pauses it; where the user prefers reduced
 *   motion, only an explicit request such as a pressed button starts it.
 */

/**
 * Animates an element along a camera path. Its parent is the frame and must hide its overflow.
 *
 * @param {HTMLElement} element Such as an `img`; it must be laid out.
 * @param {Path} path
 * @param {Options} [options]
 * @returns {Stop}
 */
export function moveAlong(element, path, options = {}) {
  const mover = new Mover(element, path, options);
  const stop = () => mover.stop();
  return Object.assign(stop, {
    play: (/** @type {boolean} */ on, explicit = false) => mover.ask(on, explicit),
  });
}

class Mover {
  /**
   * @param {HTMLElement} element
   * @param {Path} path
   * @param {Options} options
   */
  constructor(element, path, { alternate = false, asked = false, margin = 0 }) {
    this.element = element;
    /** Stays in place while the element moves, so its visibility counts. */
    this.frame = element.parentElement ?? element;
    this.path = path;
    this.alternate = alternate && !path.loop;
    this.margin = margin;
    this.inView = false;
    this.wanted = !asked;
    this.explicit = false;
    this.width = 0;
    this.height = 0;
    /** @type {Animation | null} */
    this.animation = null;
    this.observers = observersOf(element.ownerDocument);
    this.observers.add(this);
  }

  stop() {
    this.observers.remove(this);
    this.animation?.cancel();
    this.animation = null;
    this.element.style.transform = "";
  }

  /**
   * @param {boolean} on
   * @param {boolean} explicit
   */
  ask(on, explicit) {
    this.wanted = on;
    this.explicit = on && explicit;
    this.update();
  }

  /** @param {boolean} inView */
  setInView(inView) {
    this.inView = inView;
    this.update();
  }

  /**
   * @param {number} width Of the element in pixels, without transform.
   * @param {number} height
   */
  setSize(width, height) {
    if (!width || !height || (width === this.width && height === this.height)) return;
    this.width = width;
    this.height = height;
    const extent = 1 + 2 * this.margin;
    const size = /** @type {[number, number]} */ ([width / extent, height / extent]);
    const index = representativePose(this.path);
    if (this.path.poses.length) {
      const scale = enlargement(this.path, ...size);
      this.element.style.transform = transformOf(this.path.poses[index], ...size, scale);
    }
    const time = this.animation?.currentTime ?? 0;
    this.animation?.cancel();
    this.animation = isStill(this.path) ? null : this.animate(keyframes(this.path, ...size));
    if (this.animation) this.animation.currentTime = time;
    this.update();
  }

  /**
   * @param {{offset: number, transform: string}[]} frames
   * @returns {Animation} Paused.
   */
  animate(frames) {
    const { seconds, loop } = this.path;
    const [before, after] = loop ? [0, 0] : [HOLD_START, HOLD_END];
    const whole = before + seconds + after;
    const held = frames.map(({ offset, transform }) => ({
      offset: Math.min((before + offset * seconds) / whole, 1),
      transform,
    }));
    if (before) held.unshift({ ...held[0], offset: 0 });
    if (after) held.push({ ...held[held.length - 1], offset: 1 });
    const animation = this.element.animate(held, {
      duration: whole * 1000,
      iterations: Infinity,
      direction: this.alternate ? "alternate" : "normal",
    });
    animation.pause();
    return animation;
  }

  /** Plays, pauses or cancels the animation by the present state. */
  update() {
    if (!this.animation) return;
    const still = this.observers.reduced && !this.explicit;
    const visible = this.inView && !this.observers.hidden;
    if (this.wanted && !still) {
      if (!visible) this.animation.pause();
      else this.animation.play();
      return;
    }
    // Shows the representative pose in the style, which the animation would override.
    this.animation.cancel();
  }
}

/** The observers that all movers of a page share. */
class SharedObservers {
  /** @param {Document} page */
  constructor(page) {
    const view = /** @type {Window & typeof globalThis} */ (page.defaultView);
    /** @type {Map<Element, Mover>} By element. */
    this.movers = new Map();
    /** @type {Map<Element, Mover>} By frame. */
    this.framed = new Map();
    this.page = page;
    this.motion = view.matchMedia("(prefers-reduced-motion: reduce)");
    this.inView = new view.IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        this.framed.get(target)?.setInView(isIntersecting);
      }
    });
    this.sizes = new view.ResizeObserver((entries) => {
      for (const { target, borderBoxSize: [box] } of entries) {
        this.movers.get(target)?.setSize(box.inlineSize, box.blockSize);
      }
    });
    const update = () => this.movers.forEach((mover) => mover.update());
    page.addEventListener("visibilitychange", update);
    this.motion.addEventListener("change", update);
  }

  get reduced() {
    return this.motion.matches;
  }

  get hidden() {
    return this.page.hidden;
  }

  /** @param {Mover} mover */
  add(mover) {
    this.movers.get(mover.element)?.stop();
    this.movers.set(mover.element, mover);
    this.framed.set(mover.frame, mover);
    this.sizes.observe(mover.element);
    this.inView.observe(mover.frame);
  }

  /** @param {Mover} mover */
  remove(mover) {
    if (this.movers.get(mover.element) !== mover) return;
    this.movers.delete(mover.element);
    this.framed.delete(mover.frame);
    this.sizes.unobserve(mover.element);
    this.inView.unobserve(mover.frame);
  }
}

/** @type {WeakMap<Document, SharedObservers>} */
const byPage = new WeakMap();

/** @param {Document} page */
function observersOf(page) {
  const known = byPage.get(page);
  if (known) return known;
  const created = new SharedObservers(page);
  byPage.set(page, created);
  return created;
}
