// @ts-check
/** Tells of a finished clip while the page is not looked at. */
import { NOTIFY } from "../settings.mjs";
import { titleText } from "./format.mjs";

/** @typedef {import("../extension.mjs").Context} Context */
/** @typedef {import("./job_state.mjs").Job} Job */

/**
 * @param {Pick<Context, "host" | "jobs">} context
 * @returns {{start: () => () => void, switched: (on: boolean, before?: boolean) => void}} `start`
 *   begins to listen and returns what ends it; `switched` is for the setting's changes.
 */
export function notifier({ host, jobs }) {
  const api = () => /** @type {any} */ (host.page.defaultView)?.Notification ?? null;

  /** Asks the browser; the setting goes off again where it says no. */
  const ask = async () => {
    // ComfyUI keeps the new value after it has told of it, and would keep it over ours.
    await null;
    const browser = api();
    const answer = browser ? await browser.requestPermission() : "denied";
    if (answer === "granted") {
      host.toast("success", host.t("activity.notify_on"), host.t("activity.notify_on_detail"));
      return;
    }
    await host.setSetting(NOTIFY, false);
    const reason = host.page.defaultView?.isSecureContext ? "denied" : "insecure";
    const detail = host.t(`activity.notify_${reason}_detail`);
    host.toast("warn", host.t("activity.notify_denied"), detail);
  };

  const ended = (/** @type {Event} */ event) => {
    /** @type {Job} */
    const job = /** @type {CustomEvent} */ (event).detail;
    const browser = api();
    if (job.state !== "finished" || host.page.visibilityState !== "hidden") return;
    if (!host.setting(NOTIFY) || browser?.permission !== "granted") return;
    try {
      const note = new browser(host.t("activity.notify_finished"), {
        body: titleText(host, job),
        tag: `wanderlens-${job.id}`,
      });
      note.onclick = () => {
        host.page.defaultView?.focus();
        note.close();
      };
    } catch {
      // Browsers of phones show notifications only out of a service worker.
    }
  };

  return {
    start: () => {
      jobs.addEventListener("ended", ended);
      return () => jobs.removeEventListener("ended", ended);
    },
    switched: (on, before) => {
      // ComfyUI tells the value at the start too, as a change from nothing.
      if (on && before === false && api()?.permission !== "granted") void ask();
    },
  };
}
