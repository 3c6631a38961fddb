// @ts-check
/** Pictures that move along a camera path, while they are in view and motion is welcome. */
import { enlargement, isStill, keyframes, tellingPose, transformOf } from "./path.mjs";

/** @typedef {import("./path.mjs").Path} Path */

/** Seconds that an open move stands still before it starts and after it ends. */
const HOLD_START = 0.4;
const HOLD_END = 0.9;

/**
 * @typedef {object} Options
 * @property {boolean} [alternate] An open move goes there and back; otherwise it starts again after
 *   a hold, so that a push in and a pull back can be told apart.
 * @property {boolean} [asked] It moves only while it is asked to; until then it stands still.
 * @property {number} [margin] How much the element shows beyond each border of the picture, as a
 *   part of the picture's width and height.
 */

/**
 * @typedef {(() => void) & {play: (on: boolean, explicit?: boolean) => void}} Stop Ends the motion
 *   and puts the element back. `play` asks for it; where people prefer reduced motion, only an
 *   explicit wish of theirs counts, such as a pressed button.
 */

/**
 * Moves an element along a camera path. Its parent is the frame, which is to hide what overflows.
 *
 * @param {HTMLElement} element What is moved, such as the picture; its box must be laid out.
 * @param {Path} path The path.
 * @param {Options} [options]
 * @returns {Stop} Stops it.
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
    /** Stays in place while the element moves, so it is what is in view or not. */
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
    this.watch = watchOf(element.ownerDocument);
    this.watch.add(this);
  }

  stop() {
    this.watch.remove(this);
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
   * @param {number} width The element's, in pixels, before any transform.
   * @param {number} height
   */
  setSize(width, height) {
    if (!width || !height || (width === this.width && height === this.height)) return;
    this.width = width;
    this.height = height;
    const whole = 1 + 2 * this.margin;
    const size = /** @type {[number, number]} */ ([width / whole, height / whole]);
    const index = tellingPose(this.path);
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

  /** Plays or stands still, whatever is right now. */
  update() {
    if (!this.animation) return;
    const still = this.watch.reduced && !this.explicit;
    const visible = this.inView && !this.watch.hidden;
    if (this.wanted && !still) {
      if (!visible) this.animation.pause();
      else this.animation.play();
      return;
    }
    // Its telling pose stands in the style; the animation must not cover it.
    this.animation.cancel();
  }
}

/** What all movers of a page share: one observer of each kind. */
class Watch {
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

/** @type {WeakMap<Document, Watch>} */
const watches = new WeakMap();

/** @param {Document} page */
function watchOf(page) {
  const known = watches.get(page);
  if (known) return known;
  const made = new Watch(page);
  watches.set(page, made);
  return made;
}
