// @ts-check
/** A row's content for a finished job: its clip and a toolbar. */
import { iconButton, setStarred, textButton } from "../ui/buttons.mjs";
import { element } from "../ui/dom.mjs";
import { posterURL } from "../comfy/posters.mjs";
import { keyOf, mediaOf } from "../comfy/file_ref.mjs";
import { openMenu } from "../ui/menu.mjs";
import { setAttribute, setShown, setText } from "../ui/dom_patch.mjs";
import { clipText, endText, titleText } from "./format.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("./row.mjs").Body} Body */
/** @typedef {import("./row.mjs").RowTools} RowTools */
/** @typedef {import("./job.mjs").Job} Job */

/**
 * @param {RowTools} tools
 * @param {Job} first The job at first.
 * @param {HTMLElement} title
 * @returns {Body}
 */
export function finishedBody(tools, first, title) {
  const { host, selection, clipOf, play } = tools;
  const { page } = host;
  let job = first;
  /** @type {{element: HTMLElement, focus: () => void, destroy: () => void} | null} */
  let playing = null;

  /** @type {HTMLImageElement} */
  const poster = element(page, "img.wl-job-poster", {
    alt: "",
    decoding: "async",
    draggable: "false",
    loading: "lazy",
    onerror: () => screen.classList.add("wl-job-screen--broken"),
    onload: () => screen.classList.remove("wl-job-screen--broken"),
  });
  const press = element(
    page,
    "button.wl-job-press",
    { type: "button", onclick: pressed },
    poster,
    element(page, "i.pi.pi-play.wl-job-play", { "aria-hidden": "true" }),
  );
  const mark = element(page, "button.wl-job-mark", {
    type: "button",
    role: "checkbox",
    title: host.t("activity.select_hint"),
    onclick: () => selection.toggle(job.id),
  });
  const screen = element(page, "div.wl-job-screen", {}, press, mark);
  const facts = element(page, "div.wl-job-facts.wl-muted");
  const when = element(page, "div.wl-muted");
  const tray = toolbar(tools, () => job);
  const body = element(
    page,
    "div.wl-job-finished",
    {},
    screen,
    element(page, "div.wl-job-main", {}, title, facts, when),
    tray.element,
  );

  async function pressed() {
    if (selection.bridge !== null) return tools.actions.bridgeTo(job);
    if (!job.clip || playing) return;
    const { clipPlayer } = await import("../comfy/clip_player.mjs");
    if (!job.clip || playing) return;
    const player = clipPlayer({
      host,
      clip: { ...job.clip, ...sized(clipOf(job)) },
      loop: loops(job) || undefined,
      poster: poster.getAttribute("src"),
      autoplay: true,
    });
    playing = player;
    press.hidden = true;
    screen.prepend(player.element);
    body.classList.add("wl-job-finished--playing");
    play(stop);
    player.focus();
  }

  function stop() {
    playing?.destroy();
    playing?.element.remove();
    playing = null;
    press.hidden = false;
    body.classList.remove("wl-job-finished--playing");
  }

  const tick = (/** @type {number} */ now) => setText(when, endText(host, job, now));

  return {
    element: body,
    update: (next, now) => {
      if (playing && keyOrNone(next) !== keyOrNone(job)) stop();
      job = next;
      const clip = clipOf(job);
      const name = titleText(host, job);
      setShown(screen, job.clip !== null);
      if (job.clip) setAttribute(poster, "src", posterOf(host, job, clip));
      body.classList.toggle("wl-job-finished--bare", job.clip === null);
      const moving = job.clip !== null && mediaOf(job.clip) === "video";
      setText(facts, job.clip ? clipText(host, clip) : host.t("activity.no_clip"));
      setShown(facts, facts.textContent !== "");
      const bridging = selection.bridge !== null && selection.bridge !== job.id;
      const label = bridging ? "bridge_to" : "play";
      setAttribute(press, "aria-label", host.t(`activity.${label}`, { name }));
      body.classList.toggle("wl-job-finished--target", bridging && moving);
      const number = selection.numberOf(job.id);
      setShown(mark, moving && selection.bridge === null);
      setText(mark, number ? String(number) : "");
      setAttribute(mark, "aria-checked", String(number > 0));
      const select = number ? "selected_as" : "select";
      setAttribute(mark, "aria-label", host.t(`activity.${select}`, { name, n: number }));
      tray.update();
      tick(now);
    },
    tick,
    destroy: stop,
  };
}

/**
 * The toolbar below a clip.
 *
 * @param {RowTools} tools
 * @param {() => Job} job
 */
function toolbar({ host, actions, clipOf, isFavourite }, job) {
  const { page } = host;
  const onClip = (/** @type {Parameters<typeof actions.toClip>[0]} */ name) => () => {
    const { clip } = job();
    return clip ? actions.toClip(name, job(), clipOf(job()) ?? clip) : undefined;
  };
  const final = textButton(page, "check", host.t("convert.create_final"), () =>
    actions.createFinal(job()),
  );
  final.classList.add("wl-button--primary");
  const extend = textButton(page, "fast-forward", host.t("clips.extend"), onClip("extend"));
  const loop = textButton(page, "sync", host.t("clips.loop"), onClip("makeLoop"));
  const download = iconButton(page, "download", host.t("clips.download"), onClip("download"));
  const star = iconButton(page, "star", host.t("clips.favourite"), onClip("toggleFavourite"));
  const more = iconButton(page, "ellipsis-v", host.t("activity.more"), opened);
  more.setAttribute("aria-haspopup", "menu");
  more.setAttribute("aria-expanded", "false");
  extend.title = host.t("clips.extend_hint");
  loop.title = host.t("clips.loop_hint");
  const buttons = [final, extend, loop, download, star, more];
  /** @type {(() => void) | null} */
  let close = null;

  function opened() {
    if (more.getAttribute("aria-expanded") === "true") {
      close?.();
      return;
    }
    const { clip } = job();
    const moving = clip !== null && mediaOf(clip) === "video";
    const item = (
      /** @type {string} */ icon,
      /** @type {string} */ key,
      /** @type {() => unknown} */ act,
    ) => ({ icon, label: host.t(`clips.${key}`), hint: host.t(`clips.${key}_hint`), act });
    const items = [
      moving && item("link", "combine", () => actions.startCombine(job())),
      moving && item("arrows-h", "bridge_with", () => actions.startBridge(job())),
      moving && item("image", "last_frame", onClip("useLastFrame")),
      clip && item("sliders-h", "reuse", onClip("reuseSettings")),
      clip && item("sitemap", "workflow", onClip("openWorkflow")),
      { icon: "times", label: host.t("activity.remove"), act: () => actions.remove(job()) },
    ];
    const shown = items.filter((each) => each !== false && each !== null);
    close = openMenu(page, more, shown, host.t("activity.more"));
  }

  const bar = element(
    page,
    "div.wl-job-tools",
    { role: "toolbar", "aria-label": host.t("clips.actions"), onkeydown: keydown },
    buttons,
  );
  rove(buttons, extend);

  /** @param {KeyboardEvent} event */
  function keydown(event) {
    const shown = buttons.filter((button) => !button.hidden);
    const at = shown.indexOf(page.activeElement);
    const last = shown.length - 1;
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: last }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    event.stopPropagation();
    const next = shown[(to + shown.length) % shown.length];
    rove(buttons, next);
    next.focus();
  }

  return {
    element: bar,
    update: () => {
      const { clip } = job();
      const moving = clip !== null && mediaOf(clip) === "video";
      setShown(final, moving && isDraft(job()));
      for (const button of [extend, loop]) setShown(button, moving);
      for (const button of [download, star]) setShown(button, clip !== null);
      const current = buttons.find((button) => button.tabIndex === 0);
      if (current?.hidden !== false) rove(buttons, moving ? extend : clip ? download : more);
      setStarred(star, isFavourite(job()));
    },
  };
}

/**
 * Whether it is a draft whose final can be made.
 *
 * @param {Job} job
 */
function isDraft({ kind, values, picture }) {
  return kind === "convert" && values?.draft === true && picture !== null;
}

/**
 * @param {HTMLElement[]} buttons
 * @param {HTMLElement} current The one that Tab reaches.
 */
function rove(buttons, current) {
  for (const button of buttons) button.tabIndex = button === current ? 0 : -1;
}

/**
 * The URL of a poster.
 *
 * @param {Host} host
 * @param {Job} job
 * @param {any} clip Of the store.
 */
function posterOf(host, job, clip) {
  const ref = /** @type {import("../comfy/file_ref.mjs").Ref} */ (job.clip);
  if (mediaOf(ref) === "picture") return host.viewURL(ref);
  return posterURL(host, { ...ref, modified: clip?.modified ?? job.ended ?? 0 });
}

/** @param {any} clip */
function sized(clip) {
  return clip ? { fps: clip.fps, modified: clip.modified } : {};
}

/** @param {Job} job */
function loops({ kind, values }) {
  return kind === "loop" || values?.loop === true;
}

/** @param {Job} job */
function keyOrNone({ clip }) {
  return clip ? keyOf(clip) : "";
}
