// @ts-check
/** Uploads a chosen picture to ComfyUI's input folder; only the last one counts. */
import { uploadPicture } from "../comfy/node_media.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("../comfy/file_ref.mjs").Ref} Ref */

/**
 * @typedef {object} Handlers
 * @property {(picture: Ref) => void} onPicture Called with the last picture, never with an
 *   earlier one.
 * @property {(error: Error | null) => void} onState Called when an upload begins and when it ends.
 */

export class PictureUpload {
  /**
   * @param {Host} host
   * @param {Handlers} handlers
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

  /** Calls no handler for what is being uploaded. */
  stop() {
    this.file = null;
  }
}
