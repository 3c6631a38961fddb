// @ts-check
/** What can be done with clips; everything that is said and asked of it is said and asked here. */
import { keyOf, mediaOf, refOf } from "../comfy/file_ref.mjs";
import { lastFrame } from "./last_frame.mjs";

/** @typedef {import("../comfy/file_ref.mjs").Ref} Ref */
/** @typedef {import("./store.mjs").Clip} Clip */
/** @typedef {import("../extension.mjs").Context} Context */

/** Deleting more clips than these is asked about first, although it can be undone. */
const MANY = 20;

/** What is loaded when it is first needed. */
const MODULES = {
  convert: () => import("../convert/dialog.mjs"),
  workflows: () => import("../workflows/build.mjs"),
};

/**
 * The actions. Each takes a clip of the store, or no more than where its file lies; each resolves
 * to whether it was done, and never throws.
 *
 * @param {Context} context What our panels share.
 * @param {any} [modules] Where the form and the workflows come from.
 */
export function clipActions(context, modules = MODULES) {
  const { host, jobs, clips } = context;

  /**
   * Does something; what goes wrong is shown.
   *
   * @param {string} name The action, as the texts name it.
   * @param {() => Promise<boolean | void>} work False for what was refused or called off.
   * @returns {Promise<boolean>}
   */
  const attempt = async (name, work) => {
    try {
      return (await work()) !== false;
    } catch (error) {
      host.toast("error", host.t(`clips.failed.${name}`), /** @type {Error} */ (error).message);
      return false;
    }
  };

  const say = (/** @type {"info" | "success" | "warn"} */ severity, /** @type {string} */ key) =>
    host.toast(severity, host.t(`clips.${key}`), host.t(`clips.${key}_detail`));

  const open = async (/** @type {any} */ how) => {
    const { openConvert } = await modules.convert();
    await openConvert(context, how);
  };

  /** What is known of a clip of which there may be no more than its place. */
  const known = async (/** @type {Ref | Clip} */ clip) => {
    if ("settings" in clip) return clip;
    if (!clips.find(clip)) await clips.load();
    return clips.find(clip);
  };

  const submit = async (/** @type {any} */ built, /** @type {Ref} */ picture) => {
    await jobs.submit({ ...built, values: null, picture, estimate: null });
    say("success", "queued");
  };

  return {
    /** Makes a clip of a picture that is chosen in the form. */
    make: () => attempt("make", () => open({ mode: "convert" })),

    /** Makes a clip longer. */
    extend: (/** @type {Ref} */ clip) =>
      attempt("extend", async () => {
        mustBeVideos(clip);
        return open({ mode: "extend", clip: place(clip) });
      }),

    /** Makes a clip that leads from one to another. */
    bridge: (/** @type {Ref} */ clip, /** @type {Ref} */ next) =>
      attempt("bridge", async () => {
        if (keyOf(clip) === keyOf(next)) {
          say("info", "bridge_same");
          return false;
        }
        mustBeVideos(clip, next);
        return open({ mode: "bridge", clip: place(clip), next: place(next) });
      }),

    /** Makes a clip that repeats without a seam. */
    makeLoop: (/** @type {Ref} */ clip) =>
      attempt("loop", async () => {
        mustBeVideos(clip);
        const { loopWorkflow } = await modules.workflows();
        await submit(await loopWorkflow(host, place(clip)), place(clip));
      }),

    /** Joins clips in their order. */
    combine: (/** @type {readonly Ref[]} */ chosen) =>
      attempt("combine", async () => {
        if (chosen.length < 2) {
          say("info", "combine_few");
          return false;
        }
        mustBeVideos(...chosen);
        const { combineWorkflow } = await modules.workflows();
        await submit(await combineWorkflow(host, chosen.map(place)), place(chosen[0]));
        return true;
      }),

    /** Starts a new clip from the last frame of one. */
    useLastFrame: (/** @type {Ref} */ clip) =>
      attempt("last_frame", async () => {
        mustBeVideos(clip);
        const frame = await lastFrame(host.page, host.viewURL(clip), clip.filename);
        const name = `${clip.filename.replace(/_*\.\w+$/, "")}_last_frame.png`;
        await open({ mode: "convert", picture: await host.upload(frame, name) });
      }),

    /** Opens the form as it was when a clip was made. */
    reuseSettings: (/** @type {Ref | Clip} */ clip) =>
      attempt("reuse", async () => {
        const found = await known(clip);
        if (!found || !canReuse(found)) {
          say("info", "no_settings");
          return false;
        }
        return open(formOf(found));
      }),

    /** Puts the graph that made a clip on a new tab. */
    openWorkflow: (/** @type {Ref | Clip} */ clip) =>
      attempt("workflow", async () => {
        if ((await known(clip))?.workflow === false) {
          say("info", "no_workflow");
          return false;
        }
        const answer = await fetch(host.viewURL(clip));
        if (!answer.ok) throw new Error(host.t("host.refused", { status: answer.status }));
        const blob = await answer.blob();
        await host.app.handleFile(new File([blob], clip.filename, { type: blob.type }));
        return true;
      }),

    /** Has the browser save clips. */
    download: (/** @type {readonly Ref[]} */ ...chosen) =>
      attempt("download", async () => {
        for (const [index, clip] of chosen.entries()) {
          // One after another: browsers drop downloads that start at once.
          if (index) await new Promise((done) => setTimeout(done, 300));
          const link = host.page.createElement("a");
          link.href = host.viewURL(clip);
          link.download = clip.filename;
          host.page.body.append(link);
          link.click();
          link.remove();
        }
      }),

    /** Makes a clip a favourite, or takes it from them. */
    toggleFavourite: (/** @type {Ref} */ clip) =>
      attempt("favourite", () => clips.toggleFavourite(clip)),

    /** Deletes clips; many only after a question. */
    remove: (/** @type {readonly Clip[]} */ chosen) =>
      attempt("delete", async () => {
        if (!chosen.length) return false;
        if (chosen.length > MANY && !(await confirmed(context, chosen.length))) return false;
        const { deleted } = await clips.remove(chosen);
        if (deleted.length < chosen.length) {
          const left = chosen.length - deleted.length;
          host.toast("warn", host.t("clips.not_deleted", { n: left }));
        }
        return deleted.length > 0;
      }),

    /** Brings the clips back that were deleted last. */
    undo: () => attempt("undo", () => clips.undo()),
  };
}

/**
 * Whether ComfyUI loads all of them as clips: of moving pictures, such as WebP, it loads none.
 *
 * @param {readonly {filename: string}[]} clips
 */
export function areVideos(clips) {
  return clips.every((clip) => mediaOf(clip) === "video");
}

/**
 * @param {...{filename: string}} clips
 * @throws {Error} With the name of the first that is none.
 */
function mustBeVideos(...clips) {
  const picture = clips.find((clip) => !areVideos([clip]));
  if (picture) throw new Error(picture.filename);
}

/**
 * No more of a clip than where its file lies.
 *
 * @param {Ref} clip
 * @returns {Ref}
 */
function place({ filename, subfolder, type }) {
  return { filename, subfolder, type };
}

/**
 * Whether a clip was made with the form's settings.
 *
 * @param {Clip} clip
 */
export function canReuse({ kind, settings }) {
  if (kind === "extend") return Boolean(settings.image);
  if (kind === "bridge") return Boolean(settings.image && settings.next);
  return kind === "convert" && Object.keys(settings).length > 0;
}

/**
 * How the form is opened to make a clip like this one.
 *
 * @param {Clip} clip
 */
export function formOf({ kind, settings }) {
  const { image, next, ...values } = settings;
  if (kind === "extend") return { mode: "extend", clip: refOf(image), values };
  if (kind === "bridge") return { mode: "bridge", clip: refOf(image), next: refOf(next), values };
  return { mode: "convert", ...(image ? { picture: refOf(image) } : {}), values };
}

/**
 * @param {Context} context
 * @param {number} n
 * @returns {Promise<boolean>}
 */
async function confirmed({ host }, n) {
  const answer = await host.app.extensionManager.dialog.confirm({
    title: host.t("clips.delete_many"),
    message: host.t("clips.delete_many_detail", { n: n.toLocaleString(host.texts.language) }),
    type: "delete",
  });
  return answer === true;
}
