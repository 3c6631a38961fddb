// @ts-check
/** Actions on jobs; failures are shown as toasts. */
import { clipActions } from "../clips/actions.mjs";
import { RepeatGuard } from "../ui/repeat_guard.mjs";
import { titleText } from "./format.mjs";

/** @typedef {import("../extension.mjs").Context} Context */
/** @typedef {import("./selection.mjs").Selection} Selection */
/** @typedef {import("./job.mjs").Job} Job */

/**
 * @param {Context} context
 * @param {Selection} selection
 * @param {ReturnType<typeof clipActions>} [clips] Actions on clips.
 */
export function rowActions(context, selection, clips = clipActions(context)) {
  const { host, jobs } = context;
  const guard = new RepeatGuard();

  /**
   * Runs an action once at a time; a failure is shown.
   *
   * @param {string} key Of the text "activity.failed.…".
   * @param {string} id The job; "" for all.
   * @param {() => Promise<any>} work
   */
  const attempt = (key, id, work) =>
    guard.run(`${key} ${id}`, async () => {
      try {
        await work();
      } catch (error) {
        const { message } = /** @type {Error} */ (error);
        host.toast("error", host.t(`activity.failed.${key}`), message);
      }
    });

  return {
    /**
     * Runs an action of `clipActions` on a job's clip.
     *
     * @param {"extend" | "makeLoop" | "download" | "toggleFavourite" | "useLastFrame" |
     *   "reuseSettings" | "openWorkflow"} name
     * @param {Job} job
     * @param {any} clip
     */
    toClip: (name, job, clip) => {
      // Pressed twice, it is meant to switch back.
      const pause = name === "toggleFavourite" ? 0 : undefined;
      return guard.run(`${name} ${job.id}`, () => clips[name](clip), pause);
    },

    cancel: (/** @type {Job} */ job) => attempt("cancel", job.id, () => jobs.cancel(job.id)),
    cancelAll: () => attempt("cancel", "", () => jobs.cancelAll()),
    remove: (/** @type {Job} */ job) => jobs.forget(job.id),

    again: (/** @type {Job} */ job) =>
      attempt("again", job.id, async () => {
        if ((await jobs.again(job.id)) === null) noContent();
      }),

    /** Makes the final of a draft, with the same seed. */
    createFinal: (/** @type {Job} */ job) =>
      attempt("again", job.id, async () => {
        const { createFinal } = await import("../convert/create.mjs");
        await createFinal(context, /** @type {any} */ (job));
      }),

    /** Opens the graph of a job without a clip in a new tab. */
    openWorkflow: (/** @type {Job} */ job) =>
      attempt("workflow", job.id, async () => {
        const content = await jobs.content(job.id);
        const name = titleText(host, job);
        if (content?.workflow) await host.app.loadGraphData(content.workflow, true, true, name);
        else if (content) await host.app.loadApiJson(content.prompt, name);
        else noContent();
      }),

    startCombine: (/** @type {Job} */ job) => {
      selection.clear();
      selection.toggle(job.id);
    },

    /** Joins the selected clips in their order. */
    combine: () =>
      guard.run("combine", async () => {
        const chosen = selection.ids.map((id) => jobs.get(id)?.clip ?? null);
        if (await clips.combine(chosen.filter((clip) => clip !== null))) selection.clear();
      }),

    startBridge: (/** @type {Job} */ job) => selection.startBridge(job.id),

    /** Makes a bridge from the clip that was selected first to this one. */
    bridgeTo: (/** @type {Job} */ job) =>
      guard.run("bridge", async () => {
        const from = selection.bridge === null ? null : (jobs.get(selection.bridge)?.clip ?? null);
        if (!from || !job.clip) return;
        if (await clips.bridge(from, job.clip)) selection.clear();
      }),
  };

  function noContent() {
    host.toast("info", host.t("activity.no_content"), host.t("activity.no_content_detail"));
  }
}
