// @ts-check
/** The picture that was given last, once it lies in ComfyUI's input folder. */
import { uploadPicture } from "../comfy/node_media.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("../comfy/file_ref.mjs").Ref} Ref */

/**
 * @typedef {object} Told
 * @property {(picture: Ref) => void} onPicture Told of the picture; never of one given before it.
 * @property {(error: Error | null) => void} onState Told when an upload begins and when it ends.
 */

export class PictureUpload {
  /**
   * @param {Host} host
   * @param {Told} told
   */
  constructor(host, { onPicture, onState }) {
    this.host = host;
    this.onPicture = onPicture;
    this.onState = onState;
    /** The file that is being uploaded. @type {File | null} */
    this.file = null;
  }

  get busy() {
    return this.file !== null;
  }

  /** @param {File | Ref} given From outside, or one of ComfyUI's own. */
  async take(given) {
    if ("filename" in given) {
      this.stop();
      this.onState(null);
      this.onPicture(given);
      return;
    }
    this.file = given;
    this.onState(null);
    /** @type {Ref | null} */
    let picture = null;
    /** @type {Error | null} */
    let failure = null;
    try {
      picture = await uploadPicture(this.host, given);
    } catch (error) {
      failure = /** @type {Error} */ (error);
    }
    if (this.file !== given) return; // another was given meanwhile
    this.file = null;
    if (picture) this.onPicture(picture);
    this.onState(failure);
  }

  /** Nothing is told any more of what is being uploaded. */
  stop() {
    this.file = null;
  }
}
