// @ts-check
/** The form's still, animated along the camera path, and the ways to choose another. */
import { element } from "../ui/dom.mjs";
import { pictureIn } from "../comfy/node_media.mjs";
import { isStill } from "../camera/path.mjs";
import { moveAlong } from "../camera/animate_still.mjs";
import { PictureUpload } from "./upload.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("../comfy/file_ref.mjs").Ref} Ref */
/** @typedef {import("../camera/path.mjs").Path} Path */

export class ImagePreview {
  /**
   * @param {Host} host
   * @param {{onPicture: (picture: Ref) => void, onUploading: () => void}} on `onPicture` is
   *   called with a picture that was chosen, `onUploading` when `uploading` changes.
   */
  constructor(host, { onPicture, onUploading }) {
    this.host = host;
    this.upload = new PictureUpload(host, {
      onPicture,
      onState: (error) => {
        this.element.setAttribute("aria-busy", String(this.uploading));
        this.message.textContent = error?.message ?? "";
        onUploading();
      },
    });
    this.make = element.bind(null, host.page);
    /** @type {Path | null} */
    this.path = null;
    /** @type {(() => void) | null} */
    this.stop = null;
    this.pressed = false;
    const { make } = this;
    const t = host.t.bind(host);

    this.image = make("img.wl-stage-picture", {
      alt: t("convert.picture"), draggable: "false",
      onload: () => this.onLoad(), onerror: () => this.onError(),
    });
    this.frame = make("div.wl-stage-frame", {
      onpointerenter: () => this.hover(true), onpointerleave: () => this.hover(false),
    }, this.image);
    this.preview = make("button.wl-button", {
      type: "button", "aria-pressed": "false", onclick: () => this.press(!this.pressed),
    }, make("i.pi.pi-play", { "aria-hidden": "true" }), t("convert.preview"));
    this.input = make("input", {
      type: "file", accept: "image/*", hidden: true, tabindex: "-1",
      "aria-label": t("convert.choose"),
      onchange: () => {
        const [file] = this.input.files ?? [];
        this.input.value = ""; // the same file can be chosen again
        if (file) void this.upload.take(file);
      },
    });
    const choose = (/** @type {string} */ key, classes = "") => make(
      `button.wl-button${classes}`, { type: "button", onclick: () => this.input.click() }, t(key),
    );
    this.chooser = choose("convert.choose", ".wl-button--primary");
    this.empty = make(
      "div.wl-stage-empty", {},
      make("i.pi.pi-image", { "aria-hidden": "true" }),
      make("p", {}, t("convert.drop")),
      this.chooser,
    );
    this.name = make("span.wl-stage-name.wl-muted");
    this.bar = make("div.wl-stage-bar", {}, this.name, this.preview, choose("convert.change"));
    this.message = make("p.wl-error", { role: "alert" });
    this.element = make(
      "div.wl-stage", {},
      make("div.wl-stage-room", {}, this.frame, this.empty),
      this.bar, this.message, this.input,
    );
    this.setPicture(null);
  }

  destroy() {
    this.upload.stop();
    this.stopMoving();
  }

  /** Whether a chosen picture is being uploaded. */
  get uploading() {
    return this.upload.busy;
  }

  /** @param {Ref | null} picture */
  setPicture(picture) {
    this.press(false);
    this.frame.hidden = this.bar.hidden = !picture;
    this.empty.hidden = picture !== null;
    this.message.textContent = "";
    this.name.textContent = picture?.filename ?? "";
    this.name.title = picture?.filename ?? "";
    if (picture) this.image.src = this.host.viewURL(picture);
    else this.image.removeAttribute("src");
  }

  onLoad() {
    const { naturalWidth, naturalHeight } = this.image;
    this.element.style.setProperty("--wl-stage-aspect", String(naturalWidth / naturalHeight));
    const size = `${naturalWidth} × ${naturalHeight}`;
    this.name.textContent = `${this.name.title} · ${size}`;
  }

  onError() {
    if (this.image.getAttribute("src")) this.message.textContent = this.host.t("convert.gone");
  }

  /** @param {Path | null} path The camera's. */
  setPath(path) {
    this.path = path;
    const still = path !== null && isStill(path);
    this.preview.disabled = path === null || still;
    this.preview.title = still ? this.host.t("convert.still") : "";
    if (this.stop) {
      this.stopMoving();
      this.move();
    }
  }

  /** @param {boolean} on */
  hover(on) {
    const view = this.host.page.defaultView;
    const still = view?.matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (this.pressed || still) return;
    if (on) this.move();
    else this.stopMoving();
  }

  /** @param {boolean} on */
  press(on) {
    this.pressed = on;
    this.preview.setAttribute("aria-pressed", String(on));
    if (on) this.move();
    else this.stopMoving();
  }

  move() {
    this.stopMoving();
    if (!this.path || this.frame.hidden) return;
    const stop = moveAlong(this.image, this.path);
    if (this.pressed) stop.play(true, true); // explicit, so also where motion is reduced
    this.stop = stop;
  }

  stopMoving() {
    this.stop?.();
    this.stop = null;
  }

  /**
   * Takes what was dropped or pasted anywhere in the form.
   *
   * @param {DataTransfer | null} data
   * @returns {boolean} Whether it was a picture.
   */
  receive(data) {
    const picture = pictureIn(data, this.host.page.location.origin);
    if (!picture) return false;
    void this.upload.take(picture);
    return true;
  }
}

/**
 * Players for the clips that a form extends or bridges.
 *
 * @param {Host} host
 * @param {{clip: Ref, label: string}[]} clips
 * @returns {{element: HTMLElement, videos: HTMLVideoElement[], destroy: () => void}}
 */
export function clipPreview(host, clips) {
  const make = element.bind(null, host.page);
  const videos = clips.map(({ clip, label }) => make("video.wl-stage-video", {
    src: host.viewURL(clip), controls: true, loop: true, playsinline: true, preload: "metadata",
    muted: true, "aria-label": `${label}: ${clip.filename}`,
  }));
  const message = make("p.wl-error", { role: "alert" });
  for (const video of videos) {
    video.addEventListener("error", () => {
      message.textContent = host.t("convert.clip_gone");
    });
  }
  const figures = clips.map(({ clip, label }, index) => make(
    "figure", {}, videos[index],
    make("figcaption.wl-muted", { title: clip.filename }, `${label}: ${clip.filename}`),
  ));
  return {
    element: make("div.wl-stage", {}, make("div.wl-stage-clips", {}, figures), message),
    videos,
    destroy: () => {
      for (const video of videos) {
        video.pause();
        video.removeAttribute("src");
        video.load(); // ends its download
      }
    },
  };
}
