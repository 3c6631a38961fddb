// @ts-check
/** Changes of stored jobs in other tabs of the browser, and the closing of this one. */
import { PREFIX } from "./job_storage.mjs";

/**
 * @param {Window | null} window
 * @param {object} handlers
 * @param {(id: string, stored: boolean) => void} handlers.onJob Another tab has stored a job, or
 *   removed it.
 * @param {() => void} handlers.onClose This tab may be closed now.
 * @returns {() => void} Stops listening.
 */
export function listenToTabs(window, { onJob, onClose }) {
  const storage = (/** @type {StorageEvent} */ { key, newValue }) => {
    if (key?.startsWith(PREFIX)) onJob(key.slice(PREFIX.length), newValue !== null);
  };
  window?.addEventListener("storage", storage);
  window?.addEventListener("pagehide", onClose);
  return () => {
    window?.removeEventListener("storage", storage);
    window?.removeEventListener("pagehide", onClose);
  };
}
