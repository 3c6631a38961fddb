// @ts-check
/** One clip: its player, its facts and its actions. */
import { element } from "../ui/dom.mjs";
import { posterURL } from "../comfy/posters.mjs";
import { mediaOf } from "../comfy/file_ref.mjs";
import { canReuse } from "./actions.mjs";
import { iconButton, setStarred, textButton } from "../ui/buttons.mjs";
import { factsOf, titleOf } from "./facts.mjs";
import { isLoop } from "./select.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("./store.mjs").Clip} Clip */

/**
 * @typedef {object} DetailOptions
 * @property {Host} host
 * @property {Clip} clip
 * @property {ReturnType<typeof import("./actions.mjs").clipActions>} actions
 * @property {boolean} favourite
 * @property {() => void} onBack
 * @property {((clip: Clip) => void) | null} onCombine Starts the selection of further clips.
 * @property {(clip: Clip) => void} onBridge Starts the choice of the next clip.
 * @property {(clip: Clip) => void} onRemove
 * @property {(() => void) | null} onPrevious Null at the first clip.
 * @property {(() => void) | null} onNext Null at the last clip.
 */

/**
 * @param {DetailOptions} options
 * @returns {{element: HTMLElement, setFavourite: (on: boolean) => void, focus: () => void,
 *   destroy: () => void}}
 */
export function clipDetail(options) {
  const { host, clip, onBack, onPrevious, onNext } = options;
  const { page } = host;
  const back = textButton(page, "arrow-left", host.t("clips.back"), onBack);
  const previous = iconButton(page, "chevron-left", host.t("clips.previous"), () => onPrevious?.());
  const next = iconButton(page, "chevron-right", host.t("clips.next"), () => onNext?.());
  previous.disabled = !onPrevious;
  next.disabled = !onNext;
  const stage = element(page, "div.wl-clip-stage");
  stage.style.setProperty("--wl-clip-ratio", String(clip.width / clip.height));
  const playing = play(host, clip, stage);
  const buttons = actionButtons(options);
  const facts = element(
    page,
    "dl.wl-clip-facts",
    {},
    factsOf(host, clip).flatMap(({ key, label, text }) => [
      element(page, "dt", {}, label),
      element(page, "dd", { dataset: { fact: key } }, text),
    ]),
  );
  const view = element(
    page,
    "section.wl-clip-detail",
    {
      "aria-label": titleOf(clip),
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        onBack();
      },
    },
    element(
      page,
      "div.wl-clip-detail-head",
      {},
      back,
      element(page, "span.wl-clip-detail-step", {}, previous, next),
    ),
    element(
      page,
      "div.wl-clip-detail-body",
      {},
      element(page, "div.wl-clip-detail-media", {}, stage),
      element(page, "div.wl-clip-detail-side", {}, buttons.element, facts),
    ),
  );
  buttons.setFavourite(options.favourite);
  return {
    element: view,
    setFavourite: buttons.setFavourite,
    focus: () => back.focus(),
    destroy: () => void playing.then((player) => player?.destroy()),
  };
}

/**
 * @param {Host} host
 * @param {Clip} clip
 * @param {HTMLElement} stage Where it plays.
 */
async function play(host, clip, stage) {
  try {
    const { clipPlayer } = await import("../comfy/clip_player.mjs");
    const view = host.page.defaultView;
    const still = view?.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const poster = posterURL(host, clip);
    const player = clipPlayer({ host, clip, loop: isLoop(clip), poster, autoplay: !still });
    stage.replaceChildren(player.element);
    return player;
  } catch (error) {
    stage.textContent = /** @type {Error} */ (error).message;
    return null;
  }
}

/** @param {DetailOptions} options */
function actionButtons({ host, clip, actions, onCombine, onBridge, onRemove }) {
  const { page } = host;
  const button = (
    /** @type {string} */ icon,
    /** @type {string} */ key,
    /** @type {() => unknown} */ act,
    classes = "",
  ) => {
    const control = textButton(page, icon, host.t(`clips.${key}`), async () => {
      // An action that takes a while must not be started twice.
      control.setAttribute("aria-disabled", "true");
      try {
        await act();
      } finally {
        control.removeAttribute("aria-disabled");
      }
    }, classes);
    control.addEventListener("click", (/** @type {Event} */ event) => {
      if (control.getAttribute("aria-disabled") === "true") event.stopImmediatePropagation();
    }, { capture: true });
    control.title = host.t(`clips.${key}_hint`);
    return control;
  };
  const favourite = button("star", "favourite", () => actions.toggleFavourite(clip));
  const reuse = button("sliders-h", "reuse", () => actions.reuseSettings(clip));
  const workflow = button("sitemap", "workflow", () => actions.openWorkflow(clip));
  reuse.disabled = !canReuse(clip);
  workflow.disabled = clip.workflow === false;
  if (reuse.disabled) reuse.title = host.t("clips.no_settings_detail");
  if (workflow.disabled) workflow.title = host.t("clips.no_workflow_detail");
  const video = mediaOf(clip) === "video"; // ComfyUI loads no animated image as a video
  return {
    element: element(
      page,
      "div.wl-clip-actions",
      { role: "group", "aria-label": host.t("clips.actions") },
      video && button("fast-forward", "extend", () => actions.extend(clip), ".wl-button--primary"),
      video && !isLoop(clip) && button("sync", "loop", () => actions.makeLoop(clip)),
      video && onCombine && button("link", "combine", () => onCombine(clip)),
      video && button("arrows-h", "bridge_with", () => onBridge(clip)),
      video && button("image", "last_frame", () => actions.useLastFrame(clip)),
      reuse,
      workflow,
      button("download", "download", () => actions.download(clip)),
      favourite,
      button("trash", "delete", () => onRemove(clip)),
    ),
    setFavourite: (/** @type {boolean} */ on) => setStarred(favourite, on),
  };
}
