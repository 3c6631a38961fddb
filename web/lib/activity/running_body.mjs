// @ts-check
/** A row's content for a job that is queued or runs. */
import { textButton } from "../ui/buttons.mjs";
import { element } from "../ui/dom.mjs";
import { fraction } from "./eta.mjs";
import { setAttribute, setShown, setText } from "../ui/dom_patch.mjs";
import { clockText, etaNow, leftText, percentText, stageText, takesText } from "./format.mjs";

/** @typedef {import("./row.mjs").Body} Body */
/** @typedef {import("./row.mjs").RowTools} RowTools */
/** @typedef {import("./job.mjs").Job} Job */

/**
 * @param {RowTools} tools
 * @param {Job} first The job at first.
 * @param {HTMLElement} title
 * @returns {Body}
 */
export function runningBody({ host, actions }, first, title) {
  const { page } = host;
  let job = first;
  const stage = element(page, "div.wl-job-stage");
  const fill = element(page, "div.wl-job-fill");
  const bar = element(
    page,
    "div.wl-job-bar",
    {
      role: "progressbar",
      "aria-label": host.t("activity.progress"),
      "aria-valuemin": 0,
      "aria-valuemax": 100,
    },
    fill,
  );
  const elapsed = element(page, "span.wl-job-elapsed", { title: host.t("activity.elapsed") });
  const left = element(page, "span.wl-job-left");
  const cancel = textButton(page, "times", host.t("activity.cancel"), () => actions.cancel(job));
  /** @type {HTMLImageElement} */
  const preview = element(page, "img.wl-job-preview", {
    alt: "",
    decoding: "async",
    draggable: "false",
    onerror: () => setShown(preview, false),
  });
  const body = element(
    page,
    "div.wl-job-working",
    {},
    element(page, "div.wl-job-screen", {}, preview),
    element(
      page,
      "div.wl-job-main",
      {},
      title,
      stage,
      bar,
      element(
        page,
        "div.wl-job-foot",
        {},
        element(page, "div.wl-job-times", {}, elapsed, left),
        cancel,
      ),
    ),
  );

  const tick = (/** @type {number} */ now) => {
    const running = job.state === "running";
    setText(elapsed, running && job.started !== null ? clockText(now - job.started) : "");
    const text = running ? leftText(host, etaNow(job, now)) : takesText(host, job);
    setText(left, job.cancelling ? "" : text);
  };

  const update = (/** @type {Job} */ next, /** @type {number} */ now) => {
    job = next;
    const running = job.state === "running";
    setText(stage, stageText(host, job));
    setShown(bar, running);
    const share = running ? fraction(job) : null;
    setAttribute(bar, "aria-valuenow", share === null ? null : String(Math.round(share * 100)));
    setAttribute(bar, "aria-valuetext", share === null ? null : percentText(host, share));
    bar.classList.toggle("wl-job-bar--unknown", share === null);
    fill.style.transform = share === null ? "" : `scaleX(${share.toFixed(4)})`;
    const still = job.picture && !job.preview ? host.viewURL(job.picture) : null;
    const source = job.preview ?? still;
    if (source && preview.getAttribute("src") !== source) {
      preview.src = source;
      setShown(preview, true);
    } else if (!source && !preview.hasAttribute("src")) {
      setShown(preview, false);
    }
    preview.classList.toggle("wl-job-preview--still", !job.preview);
    body.classList.toggle("wl-job-working--live", running && Boolean(job.preview));
    setShown(/** @type {HTMLElement} */ (preview.parentElement), !preview.hidden);
    cancel.disabled = job.cancelling;
    tick(now);
  };

  return { element: body, update, tick, destroy: () => preview.removeAttribute("src") };
}
