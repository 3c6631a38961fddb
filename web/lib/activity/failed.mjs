// @ts-check
/** A row's content for a job that failed, was cancelled or lost. */
import { iconButton, textButton } from "../ui/buttons.mjs";
import { element } from "../ui/dom.mjs";
import { setShown, setText } from "../ui/dom_patch.mjs";
import { endText } from "./format.mjs";

/** @typedef {import("./row.mjs").Body} Body */
/** @typedef {import("./row.mjs").RowTools} RowTools */
/** @typedef {import("./job.mjs").Job} Job */

const ICONS = { cancelled: "ban", failed: "exclamation-triangle", lost: "question-circle" };

/**
 * @param {RowTools} tools
 * @param {Job} first The job at first.
 * @param {HTMLElement} title
 * @returns {Body}
 */
export function failedBody({ host, actions }, first, title) {
  const { page } = host;
  let job = first;
  const icon = element(page, "i", { "aria-hidden": "true" });
  const state = element(page, "span.wl-job-state");
  const when = element(page, "span.wl-muted");
  const message = element(page, "p.wl-job-message");
  const hint = element(page, "p.wl-job-hint", {}, host.t("activity.memory_hint"));
  const full = element(page, "pre.wl-job-full", { tabindex: 0 });
  const details = element(
    page,
    "details.wl-job-details",
    {},
    element(page, "summary", {}, host.t("activity.full_error")),
    full,
  );
  const again = textButton(page, "replay", host.t("activity.again"), () => actions.again(job));
  const workflow = textButton(page, "sitemap", host.t("clips.workflow"), () =>
    actions.openWorkflow(job),
  );
  const remove = iconButton(page, "times", host.t("activity.remove"), () => actions.remove(job));
  remove.classList.add("wl-job-remove");
  const body = element(
    page,
    "div.wl-job-failed",
    {},
    element(page, "div.wl-job-head", {}, title, remove),
    element(page, "div.wl-job-verdict", {}, icon, state, when),
    message,
    hint,
    details,
    element(page, "div.wl-job-tools", {}, again, workflow),
  );

  const tick = (/** @type {number} */ now) => setText(when, endText(host, job, now));

  return {
    element: body,
    update: (next, now) => {
      job = next;
      const name = /** @type {keyof typeof ICONS} */ (job.state);
      icon.className = `pi pi-${ICONS[name]}`;
      body.classList.toggle("wl-job-failed--error", name === "failed");
      setText(state, host.t(`activity.state.${name}`));
      const { error } = job;
      const reason = error?.node ? `${error.node}: ${error.message}` : (error?.message ?? "");
      setText(message, name === "lost" ? host.t("activity.lost_detail") : reason);
      setShown(message, message.textContent !== "");
      setShown(hint, Boolean(error?.memory));
      setText(full, error?.details ?? "");
      setShown(details, Boolean(error && error.details !== error.message));
      tick(now);
    },
    tick,
    destroy: () => {},
  };
}
