// @ts-check
/** Actions on clips, with their questions, messages and errors. */
import { numberText } from "../comfy/i18n.mjs";
import { keyOf, mediaOf, refOf } from "../comfy/file_ref.mjs";
import { lastFrame } from "./last_frame.mjs";

/** @typedef {import("../comfy/file_ref.mjs").Ref} Ref */
/** @typedef {import("./store.mjs").Clip} Clip */
/** @typedef {import("../extension.mjs").Context} Context */

/** Deleting more clips than these must be confirmed, although it can be undone. */
const MANY = 20;

/** Modules that are loaded when first needed. */
const MODULES = {
  convert: () => import("../convert/dialog.mjs"),
  workflows: () => import("../workflows/build.mjs"),
};

/**
 * The actions. Each takes a clip of the store, or just the reference of its file; each resolves to
 * whether it was done, and never throws.
 *
 * @param {Context} context
 * @param {any} [modules] Loads the form and the workflows.
 */
export function clipActions(context, modules = MODULES) {
  const { host, jobs, clips } = context;

  /**
   * Runs an action; a failure is shown.
   *
   * @param {string} name Of the text "clips.failed.…".
   * @param {() => Promise<boolean | void>} work Resolves to false where it was not done.
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

  /** The store's clip of a file; null where it has none. */
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
    /** Opens the form without a still. */
    make: () => attempt("make", () => open({ mode: "convert" })),

    /** Opens the form that extends a clip. */
    extend: (/** @type {Ref} */ clip) =>
      attempt("extend", async () => {
        mustBeVideos(clip);
        return open({ mode: "extend", clip: fileOf(clip) });
      }),

    /** Opens the form that bridges two clips. */
    bridge: (/** @type {Ref} */ clip, /** @type {Ref} */ next) =>
      attempt("bridge", async () => {
        if (keyOf(clip) === keyOf(next)) {
          say("info", "bridge_same");
          return false;
        }
        mustBeVideos(clip, next);
        return open({ mode: "bridge", clip: fileOf(clip), next: fileOf(next) });
      }),

    /** Queues a clip that repeats without a visible seam. */
    makeLoop: (/** @type {Ref} */ clip) =>
      attempt("loop", async () => {
        mustBeVideos(clip);
        const { loopWorkflow } = await modules.workflows();
        await submit(await loopWorkflow(host, fileOf(clip)), fileOf(clip));
      }),

    /** Queues the clips joined in their order. */
    combine: (/** @type {readonly Ref[]} */ chosen) =>
      attempt("combine", async () => {
        if (chosen.length < 2) {
          say("info", "combine_few");
          return false;
        }
        mustBeVideos(...chosen);
        const { combineWorkflow } = await modules.workflows();
        await submit(await combineWorkflow(host, chosen.map(fileOf)), fileOf(chosen[0]));
        return true;
      }),

    /** Opens the form with the last frame of a clip as its still. */
    useLastFrame: (/** @type {Ref} */ clip) =>
      attempt("last_frame", async () => {
        mustBeVideos(clip);
        const frame = await lastFrame(host.page, host.viewURL(clip), clip.filename);
        const name = `${clip.filename.replace(/_*\.\w+$/, "")}_last_frame.png`;
        await open({ mode: "convert", picture: await host.upload(frame, name) });
      }),

    /** Opens the form with the settings of a clip. */
    reuseSettings: (/** @type {Ref | Clip} */ clip) =>
      attempt("reuse", async () => {
        const stored = await known(clip);
        if (!stored || !canReuse(stored)) {
          say("info", "no_settings");
          return false;
        }
        return open(formOf(stored));
      }),

    /** Opens the graph that made a clip in a new tab. */
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

    /** Downloads clips. */
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

    /** Adds a clip to the favourites, or removes it. */
    toggleFavourite: (/** @type {Ref} */ clip) =>
      attempt("favourite", () => clips.toggleFavourite(clip)),

    /** Deletes clips; many must be confirmed. */
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

    /** Restores the clips that were deleted last. */
    undo: () => attempt("undo", () => clips.undo()),
  };
}

/**
 * Whether ComfyUI can load all of them as videos: it cannot load animated images, such as WebP.
 *
 * @param {readonly {filename: string}[]} clips
 */
export function areVideos(clips) {
  return clips.every((clip) => mediaOf(clip) === "video");
}

/**
 * @param {...{filename: string}} clips
 * @throws {Error} With the name of the first that is no video.
 */
function mustBeVideos(...clips) {
  const picture = clips.find((clip) => !areVideos([clip]));
  if (picture) throw new Error(picture.filename);
}

/**
 * The reference of a clip's file alone.
 *
 * @param {Ref} clip
 * @returns {Ref}
 */
function fileOf({ filename, subfolder, type }) {
  return { filename, subfolder, type };
}

/**
 * Whether the form can be opened with a clip's settings.
 *
 * @param {Clip} clip
 */
export function canReuse({ kind, settings }) {
  if (kind === "extend") return Boolean(settings.image);
  if (kind === "bridge") return Boolean(settings.image && settings.next);
  return kind === "convert" && Object.keys(settings).length > 0;
}

/**
 * The options of the form for making a clip like this one.
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
    message: host.t("clips.delete_many_detail", { n: numberText(host, n) }),
    type: "delete",
  });
  return answer === true;
}
