// @ts-check
/** What can be done with jobs from their rows; what goes wrong is shown. */
import { clipActions } from "../clips/actions.mjs";
import { titleText } from "./words.mjs";

/** @typedef {import("../extension.mjs").Context} Context */
/** @typedef {import("./choice.mjs").Choice} Choice */
/** @typedef {import("./states.mjs").Job} Job */

/**
 * @param {Context} context
 * @param {Choice} choice
 */
export function rowActions(context, choice) {
  const { host, jobs } = context;
  const clips = clipActions(context);

  /** What is being done now: a second press does it no second time. @type {Set<string>} */
  const under = new Set();

  /**
   * @param {string} key What failed, as the texts name it.
   * @param {() => Promise<any>} work
   * @param {string} [what] What it is done to; the same is not begun again before it is done.
   */
  const attempt = async (key, work, what = "") => {
    const name = `${key} ${what}`;
    if (under.has(name)) return undefined;
    under.add(name);
    try {
      return await work();
    } catch (error) {
      host.toast("error", host.t(`activity.failed.${key}`), /** @type {Error} */ (error).message);
      return undefined;
    } finally {
      under.delete(name);
    }
  };

  return {
    clips,
    cancel: (/** @type {Job} */ job) => attempt("cancel", () => jobs.cancel(job.id), job.id),
    cancelAll: () => attempt("cancel", () => jobs.cancelAll()),
    remove: (/** @type {Job} */ job) => jobs.forget(job.id),

    again: (/** @type {Job} */ job) =>
      attempt("again", async () => {
        if ((await jobs.again(job.id)) === null) noContent();
      }, job.id),

    /** Makes a draft again as it was set, with the same seed. */
    createFinal: (/** @type {Job} */ job) =>
      attempt("again", async () => {
        const { createFinal } = await import("../convert/create.mjs");
        await createFinal(context, /** @type {any} */ (job));
      }, job.id),

    /** Puts the graph of a job without a clip on a new tab. */
    openWorkflow: (/** @type {Job} */ job) =>
      attempt("workflow", async () => {
        const content = await jobs.content(job.id);
        const name = titleText(host, job);
        if (content?.workflow) await host.app.loadGraphData(content.workflow, true, true, name);
        else if (content) await host.app.loadApiJson(content.prompt, name);
        else noContent();
      }, job.id),

    startCombine: (/** @type {Job} */ job) => {
      choice.clear();
      choice.toggle(job.id);
    },

    /** Joins the chosen clips in their order. */
    combine: async () => {
      const chosen = choice.ids.map((id) => jobs.get(id)?.clip ?? null);
      if (await clips.combine(chosen.filter((clip) => clip !== null))) choice.clear();
    },

    startBridge: (/** @type {Job} */ job) => choice.startBridge(job.id),

    /** Leads the clip that was chosen first to this one. */
    bridgeTo: async (/** @type {Job} */ job) => {
      const from = choice.bridge === null ? null : (jobs.get(choice.bridge)?.clip ?? null);
      if (!from || !job.clip) return;
      if (await clips.bridge(from, job.clip)) choice.clear();
    },
  };

  function noContent() {
    host.toast("info", host.t("activity.no_content"), host.t("activity.no_content_detail"));
  }
}
