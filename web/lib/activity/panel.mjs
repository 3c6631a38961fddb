// @ts-check
/** The sidebar's view of the jobs: running, queued and finished. */
import { textButton } from "../ui/buttons.mjs";
import { element, freshId } from "../ui/dom.mjs";
import { keyOf } from "../comfy/file_ref.mjs";
import { rowActions } from "./actions.mjs";
import { Selection } from "./selection.mjs";
import { selectionBar } from "./selection_bar.mjs";
import { emptyView } from "./empty.mjs";
import { setChildren, setShown, setText } from "../ui/dom_patch.mjs";
import { Row } from "./row.mjs";
import { endOf, isUnfinished } from "./job.mjs";
import { titleText } from "./format.mjs";

/** @typedef {import("../extension.mjs").Context} Context */
/** @typedef {import("./job.mjs").Job} Job */

/** Milliseconds between updates of the times of unfinished jobs, and of ended ones. */
const SECOND = 1000;
const AGE_PERIOD = 30_000;

const SECTIONS = /** @type {const} */ (["running", "queued", "finished"]);

/**
 * @param {Context} context
 * @returns {{element: HTMLElement, destroy: () => void}}
 */
export function activityPanel(context) {
  const panel = new Panel(context);
  return { element: panel.element, destroy: () => panel.destroy() };
}

/**
 * @param {Job} job
 * @returns {typeof SECTIONS[number]}
 */
function sectionOf({ state }) {
  return state === "queued" || state === "running" ? state : "finished";
}

class Panel {
  /** @param {Context} context */
  constructor(context) {
    const { host } = context;
    const { page } = host;
    this._context = context;
    this._selection = new Selection();
    this._actions = rowActions(context, this._selection);
    /** @type {Map<string, Row>} */
    this._rows = new Map();
    /** Jobs whose rows must be redrawn. @type {Set<string>} */
    this._stale = new Set();
    this._staleList = true;
    this._frame = 0;
    /** The store's clips by their files' keys. @type {Map<string, any>} */
    this._clips = new Map();
    /** Files for which the store was reloaded. @type {Set<string>} */
    this._requested = new Set();
    /** @type {(() => void) | null} */
    this._stopPlaying = null;
    this._tools = {
      host,
      selection: this._selection,
      actions: this._actions,
      clipOf: (/** @type {Job} */ { clip }) => (clip && this._clips.get(keyOf(clip))) ?? null,
      isFavourite: (/** @type {Job} */ { clip }) =>
        clip !== null && context.clips.isFavourite(clip),
      play: (/** @type {() => void} */ stop) => {
        if (this._stopPlaying !== stop) this._stopPlaying?.();
        this._stopPlaying = stop;
      },
    };

    this._counts = element(page, "div.wl-activity-counts");
    this._cancelAll = textButton(page, "ban", host.t("activity.cancel_all"), () =>
      this._actions.cancelAll(),
    );
    this._away = element(
      page,
      "div.wl-activity-away",
      { role: "status", hidden: true },
      element(page, "i.pi.pi-exclamation-triangle", { "aria-hidden": "true" }),
      host.t("activity.away"),
    );
    this._live = element(page, "div.wl-visually-hidden", { role: "status", "aria-live": "polite" });
    this._sections = SECTIONS.map((name) => this._section(name));
    this._empty = emptyView(context);
    this._bar = selectionBar(context, this._selection, () => void this._actions.combine());
    this.element = element(
      page,
      "section.wl.wl-activity",
      { "aria-label": host.t("activity.title"), onkeydown: (/** @type {any} */ e) => this._key(e) },
      element(page, "div.wl-activity-head", {}, this._counts, this._cancelAll),
      this._away,
      this._live,
      this._empty,
      this._sections.map(({ element: section }) => section),
      this._bar.element,
    );
    this._stops = this._listen();
    this._clipsChanged();
    if (!context.clips.loaded) void context.clips.load();
    this._draw();
  }

  destroy() {
    for (const stop of this._stops) stop();
    cancelAnimationFrame(this._frame);
    for (const row of this._rows.values()) row.destroy();
    this._rows.clear();
  }

  /** @param {typeof SECTIONS[number]} name */
  _section(name) {
    const { host } = this._context;
    const { page } = host;
    const id = freshId(name);
    const title = element(page, "h3.wl-activity-title", { id }, host.t(`activity.${name}`));
    const list = element(page, "ul.wl-activity-list", { role: "list" });
    const clear = name === "finished" && this._clearButton();
    const section = element(
      page,
      `section.wl-activity-section.wl-activity-${name}`,
      { "aria-labelledby": id, hidden: true },
      element(page, "div.wl-activity-section-head", {}, title, clear),
      list,
    );
    return { name, element: section, list };
  }

  _clearButton() {
    const { host } = this._context;
    const clear = textButton(host.page, "eraser", host.t("activity.clear"), () => this._clear());
    clear.classList.add("wl-activity-clear");
    clear.title = host.t("activity.clear_hint");
    return clear;
  }

  /** @returns {(() => void)[]} */
  _listen() {
    const { jobs, clips } = this._context;
    const on = (
      /** @type {EventTarget} */ target,
      /** @type {string} */ name,
      /** @type {(event: any) => void} */ handler,
    ) => {
      target.addEventListener(name, handler);
      return () => target.removeEventListener(name, handler);
    };
    const tick = setInterval(() => this._tick(isUnfinished), SECOND);
    const age = setInterval(() => this._tick((job) => !isUnfinished(job)), AGE_PERIOD);
    return [
      on(jobs, "change", ({ detail }) => {
        if (detail.id !== null) this._stale.add(detail.id);
        this._staleList ||= detail.list;
        if (detail.list) this._loadClipOf(jobs.get(detail.id));
        this._request();
      }),
      on(jobs, "ended", ({ detail }) => this._ended(detail)),
      on(clips, "change", () => {
        this._clipsChanged();
        for (const id of this._rows.keys()) this._stale.add(id);
        this._request();
      }),
      on(this._selection, "change", () => {
        // A clip that plays has no poster to press.
        if (this._selection.bridge !== null) this._stopPlaying?.();
        for (const id of this._rows.keys()) this._stale.add(id);
        this._request();
      }),
      () => clearInterval(tick),
      () => clearInterval(age),
    ];
  }

  _clipsChanged() {
    this._clips = new Map(this._context.clips.all().map((clip) => [keyOf(clip), clip]));
  }

  /** @param {Job} job */
  _ended(job) {
    const { host } = this._context;
    setText(this._live, host.t(`activity.news.${job.state}`, { name: titleText(host, job) }));
  }

  /**
   * Reloads the store where it lacks a finished job's clip.
   *
   * @param {Job | null} job
   */
  _loadClipOf(job) {
    if (job?.state !== "finished" || !job.clip) return;
    const key = keyOf(job.clip);
    if (this._clips.has(key) || this._requested.has(key)) return;
    this._requested.add(key);
    void this._context.clips.load();
  }

  _request() {
    if (this._frame) return;
    this._frame = requestAnimationFrame(() => this._draw());
  }

  /** Redraws what has changed. */
  _draw() {
    this._frame = 0;
    const now = Date.now();
    if (this._staleList) this._drawList();
    for (const id of this._stale) {
      const job = this._context.jobs.get(id);
      if (job) this._rows.get(id)?.update(job, now);
    }
    this._stale.clear();
    this._bar.update();
    this.element.classList.toggle("wl-activity--choosing", this._selection.ids.length > 0);
  }

  _drawList() {
    this._staleList = false;
    const { host, jobs } = this._context;
    const all = jobs.all();
    const existing = new Set(all.map(({ id }) => id));
    for (const [id, row] of this._rows) {
      if (existing.has(id)) continue;
      row.destroy();
      this._rows.delete(id);
    }
    this._selection.keep((id) => existing.has(id));
    for (const job of all) {
      if (this._rows.has(job.id)) continue;
      this._rows.set(job.id, new Row(this._tools, job));
      this._stale.add(job.id);
    }
    const numbers = this._sections.map(({ name, element: section, list }) => {
      const here = sorted(name, all.filter((job) => sectionOf(job) === name));
      const rows = here.map(({ id }) => /** @type {Row} */ (this._rows.get(id)).element);
      setChildren(list, rows);
      setShown(section, here.length > 0);
      return here.length;
    });
    const counts = SECTIONS.map((name, index) => [name, numbers[index]]).filter(([, n]) => n);
    const words = counts.map(([name, n]) => host.t(`activity.count.${name}`, { n }));
    setText(this._counts, words.join(" · "));
    setShown(this._cancelAll, jobs.own().length > 0);
    setShown(this._away, !jobs.answers);
    setShown(this._empty, all.length === 0);
    setShown(/** @type {HTMLElement} */ (this._counts.parentElement), all.length > 0);
  }

  /** @param {(job: Job) => boolean} which */
  _tick(which) {
    const now = Date.now();
    for (const row of this._rows.values()) if (which(row.job)) row.tick(now);
  }

  _clear() {
    for (const job of this._context.jobs.all()) this._context.jobs.forget(job.id);
  }

  /** @param {KeyboardEvent} event */
  _key(event) {
    if (event.key !== "Escape") return;
    if (!this._selection.ids.length && this._selection.bridge === null) return;
    event.preventDefault();
    event.stopPropagation();
    this._selection.clear();
  }
}

/**
 * @param {typeof SECTIONS[number]} name
 * @param {Job[]} jobs Newest first.
 */
function sorted(name, jobs) {
  if (name === "finished") return jobs.sort((a, b) => endOf(b) - endOf(a));
  // In the order of the queue; those without a place yet come last.
  return jobs.reverse().sort((a, b) => (a.position ?? Infinity) - (b.position ?? Infinity) || 0);
}
