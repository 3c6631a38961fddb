// @ts-check
/** What can be done with jobs from their rows; what goes wrong is shown. */
import { clipActions } from "../clips/actions.mjs";
import { Once } from "../ui/once.mjs";
import { titleText } from "./format.mjs";

/** @typedef {import("../extension.mjs").Context} Context */
/** @typedef {import("./selection.mjs").Choice} Choice */
/** @typedef {import("./job_state.mjs").Job} Job */

/**
 * @param {Context} context
 * @param {Choice} choice
 * @param {ReturnType<typeof clipActions>} [clips] What can be done with clips.
 */
export function rowActions(context, choice, clips = clipActions(context)) {
  const { host, jobs } = context;
  const once = new Once();

  /**
   * Does something to a job, or to all; what goes wrong is shown.
   *
   * @param {string} key What failed, as the texts name it.
   * @param {string} id The job; the same is not begun again while it is under way.
   * @param {() => Promise<any>} work
   */
  const attempt = (key, id, work) =>
    once.run(`${key} ${id}`, async () => {
      try {
        await work();
      } catch (error) {
        const { message } = /** @type {Error} */ (error);
        host.toast("error", host.t(`activity.failed.${key}`), message);
      }
    });

  return {
    /**
     * Does something to the clip of a job, as `clipActions` has it by that name.
     *
     * @param {"extend" | "makeLoop" | "download" | "toggleFavourite" | "useLastFrame" |
     *   "reuseSettings" | "openWorkflow"} name
     * @param {Job} job
     * @param {any} clip
     */
    toClip: (name, job, clip) => {
      // Twice makes a favourite and takes it back, as is meant.
      const pause = name === "toggleFavourite" ? 0 : undefined;
      return once.run(`${name} ${job.id}`, () => clips[name](clip), pause);
    },

    cancel: (/** @type {Job} */ job) => attempt("cancel", job.id, () => jobs.cancel(job.id)),
    cancelAll: () => attempt("cancel", "", () => jobs.cancelAll()),
    remove: (/** @type {Job} */ job) => jobs.forget(job.id),

    again: (/** @type {Job} */ job) =>
      attempt("again", job.id, async () => {
        if ((await jobs.again(job.id)) === null) noContent();
      }),

    /** Makes a draft again as it was set, with the same seed. */
    createFinal: (/** @type {Job} */ job) =>
      attempt("again", job.id, async () => {
        const { createFinal } = await import("../convert/create.mjs");
        await createFinal(context, /** @type {any} */ (job));
      }),

    /** Puts the graph of a job without a clip on a new tab. */
    openWorkflow: (/** @type {Job} */ job) =>
      attempt("workflow", job.id, async () => {
        const content = await jobs.content(job.id);
        const name = titleText(host, job);
        if (content?.workflow) await host.app.loadGraphData(content.workflow, true, true, name);
        else if (content) await host.app.loadApiJson(content.prompt, name);
        else noContent();
      }),

    startCombine: (/** @type {Job} */ job) => {
      choice.clear();
      choice.toggle(job.id);
    },

    /** Joins the chosen clips in their order. */
    combine: () =>
      once.run("combine", async () => {
        const chosen = choice.ids.map((id) => jobs.get(id)?.clip ?? null);
        if (await clips.combine(chosen.filter((clip) => clip !== null))) choice.clear();
      }),

    startBridge: (/** @type {Job} */ job) => choice.startBridge(job.id),

    /** Leads the clip that was chosen first to this one. */
    bridgeTo: (/** @type {Job} */ job) =>
      once.run("bridge", async () => {
        const from = choice.bridge === null ? null : (jobs.get(choice.bridge)?.clip ?? null);
        if (!from || !job.clip) return;
        if (await clips.bridge(from, job.clip)) choice.clear();
      }),
  };

  function noContent() {
    host.toast("info", host.t("activity.no_content"), host.t("activity.no_content_detail"));
  }
}
