// @ts-check
/** Other windows of the same browser, and the end of this one. */
import { PREFIX } from "./job_storage.mjs";

/**
 * @param {Window | null} window
 * @param {object} ear Who is told.
 * @param {(id: string, kept: boolean) => void} ear.hear That another window has written a job, or
 *   removed it.
 * @param {() => void} ear.close That this window may be closed now.
 * @returns {() => void} Stops it.
 */
export function listenToWindow(window, { hear, close }) {
  const storage = (/** @type {StorageEvent} */ { key, newValue }) => {
    if (key?.startsWith(PREFIX)) hear(key.slice(PREFIX.length), newValue !== null);
  };
  window?.addEventListener("storage", storage);
  window?.addEventListener("pagehide", close);
  return () => {
    window?.removeEventListener("storage", storage);
    window?.removeEventListener("pagehide", close);
  };
}
