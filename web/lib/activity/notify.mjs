// @ts-check
/** Browser notifications of finished clips while the page is hidden. */
import { NOTIFY } from "../settings.mjs";
import { titleText } from "./format.mjs";

/** @typedef {import("../extension.mjs").Context} Context */
/** @typedef {import("./job.mjs").Job} Job */

/**
 * @param {Pick<Context, "host" | "jobs">} context
 * @returns {{start: () => () => void, switched: (on: boolean, before?: boolean) => void}} `start`
 *   listens and returns what stops it; `switched` handles changes of the setting.
 */
export function notifier({ host, jobs }) {
  const api = () => /** @type {any} */ (host.page.defaultView)?.Notification ?? null;

  /** Asks the browser for permission; without it, the setting is switched off again. */
  const ask = async () => {
    // ComfyUI stores the new value after this call, and would overwrite ours.
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
      // Mobile browsers allow notifications only from a service worker.
    }
  };

  return {
    start: () => {
      jobs.addEventListener("ended", ended);
      return () => jobs.removeEventListener("ended", ended);
    },
    switched: (on, before) => {
      // ComfyUI calls this at the start too, with the value before undefined.
      if (on && before === false && api()?.permission !== "granted") void ask();
    },
  };
}
