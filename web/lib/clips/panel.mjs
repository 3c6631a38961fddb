// @ts-check
/** The sidebar's view of the clips: the grid, one opened clip, and the bars below. */
import { numberText } from "../comfy/i18n.mjs";
import { element } from "../ui/dom.mjs";
import { areVideos, clipActions } from "./actions.mjs";
import { selectionBar, undoBar } from "./bars.mjs";
import { textButton } from "../ui/buttons.mjs";
import { clipDetail } from "./detail.mjs";
import { emptyNotice } from "./empty.mjs";
import { titleOf } from "./facts.mjs";
import { ClipGrid } from "./grid.mjs";
import { clipKey, EVERYTHING, filterClips, isFiltered } from "./select.mjs";
import { clipsToolbar } from "./toolbar.mjs";

/** @typedef {import("../extension.mjs").Context} Context */
/** @typedef {import("./store.mjs").Clip} Clip */

/**
 * @param {Context} context
 * @returns {{element: HTMLElement, destroy: () => void}}
 */
export function clipsPanel(context) {
  const panel = new ClipsPanel(context);
  return { element: panel.element, destroy: () => panel.destroy() };
}

class ClipsPanel {
  /** @param {Context} context */
  constructor(context) {
    const { host, clips, jobs } = context;
    const { page } = host;
    this.context = context;
    this.host = host;
    this.store = clips;
    this.actions = clipActions(context);
    /** The clips that the query finds. @type {Clip[]} */
    this._shown = [];
    /** @type {{clip: Clip, view: ReturnType<typeof clipDetail>} | null} */
    this._opened = null;
    /** The clip a bridge starts from, while the next is chosen. @type {Clip | null} */
    this._bridging = null;
    /** Finished jobs. @type {Set<string>} */
    this._finished = new Set(finishedJobs(jobs));
    this._stop = new AbortController();

    this.toolbar = clipsToolbar(
      host,
      clips.query,
      (query) => {
        clips.query = query;
        this.grid.toTop();
        this.update();
      },
      () => void clips.load(),
    );
    this.grid = new ClipGrid({
      host,
      label: host.t("clips.title"),
      isFavourite: (clip) => clips.isFavourite(clip),
      onOpen: (clip) => this._chosen(clip),
      onRemove: (chosen) => void this._remove(chosen),
      onFavourite: (clip) => void this.actions.toggleFavourite(clip),
      onSelect: (chosen) => this.bar.setClips(chosen),
    });
    this.bar = selectionBar(host, {
      combine: () => void this._combine(),
      bridge: () => void this._bridgeSelected(),
      download: () => void this.actions.download(...this.grid.selection),
      remove: () => void this._remove(this.grid.selection),
      clear: () => {
        this.grid.select([]);
        this.grid.focus();
      },
    });
    this.undo = undoBar(host, () => void this._undo(), () => {
      clips.forgetDeletions();
      this._refocus();
    });
    /** @type {HTMLElement} */
    this.status = element(page, "div.wl-clips-status", { role: "status" });
    this.notice = emptyNotice(host, clips, {
      again: () => void clips.load(),
      make: () => this.actions.make(),
      showAll: () => {
        clips.query = { ...EVERYTHING, order: clips.query.order };
        this.toolbar.setQuery(clips.query);
        this.update();
        this.toolbar.focus();
      },
    });
    /** @type {HTMLElement} */
    this.prompting = element(page, "div.wl-clips-prompting", { role: "status" });
    /** @type {HTMLElement} */
    this.list = element(
      page,
      "div.wl-clips-list",
      {
        onkeydown: (/** @type {KeyboardEvent} */ event) => {
          if (event.key === "Escape" && this._bridging) this._endBridging();
        },
      },
      this.toolbar.element,
      this.prompting,
      this.status,
      this.notice.element,
      this.grid.element,
      this.bar.element,
    );
    /** @type {HTMLElement} */
    this.element = element(page, "div.wl.wl-clips", {}, this.list, this.undo.element);

    const { signal } = this._stop;
    clips.addEventListener("change", () => this.update(), { signal });
    jobs.addEventListener("change", () => this._jobsChanged(), { signal });
    this.update();
    void clips.load();
  }

  destroy() {
    this._stop.abort();
    this._opened?.view.destroy();
    this.grid.destroy();
  }

  /** Shows the state of the store. */
  update() {
    const { store } = this;
    this._shown = filterClips(store.all(), store.query, store.favourites);
    this.grid.setClips(this._shown);
    this.grid.refresh();
    this.undo.setCount(store.deletions[0]?.clips.length ?? 0);
    this.status.textContent = this._countText();
    this.element.setAttribute("aria-busy", String(!store.loaded && !store.error));
    this.notice.update(this._shown.length);
    this.grid.element.hidden = !this._shown.length;
    if (this._opened) {
      const { clip, view } = this._opened;
      if (store.find(clip)) view.setFavourite(store.isFavourite(clip));
      else this._close();
    }
    if (this._bridging && !store.find(this._bridging)) this._endBridging();
  }

  /** How many clips there are, for the status line. */
  _countText() {
    const { store, host } = this;
    if (!store.loaded) return store.error ? "" : host.t("clips.loading");
    const n = numberText(host, this._shown.length);
    const total = numberText(host, store.all().length);
    const text = isFiltered(store.query)
      ? host.t("clips.found", { n, total })
      : host.t("clips.count", { n });
    return store.more ? `${text} ${host.t("clips.more")}` : text;
  }

  /** Reloads the clips when a job has finished. */
  _jobsChanged() {
    const finished = finishedJobs(this.context.jobs);
    const fresh = finished.some((id) => !this._finished.has(id));
    this._finished = new Set(finished);
    if (fresh) void this.store.load();
  }

  /**
   * A clip was clicked: it is opened, or ends the bridge.
   *
   * @param {Clip} clip
   */
  _chosen(clip) {
    const first = this._bridging;
    if (!first) {
      this._open(clip);
      return;
    }
    if (!areVideos([clip])) {
      void this.actions.bridge(first, clip); // shows why not; another can be chosen
      return;
    }
    this._endBridging();
    void this.actions.bridge(first, clip);
  }

  /** @param {Clip} clip */
  _open(clip) {
    this._opened?.view.destroy();
    this._opened?.view.element.remove();
    const at = this._shown.findIndex((each) => clipKey(each) === clipKey(clip));
    const step = (/** @type {number} */ index) => {
      const other = this._shown[index];
      return other ? () => this._open(other) : null;
    };
    const view = clipDetail({
      host: this.host,
      clip,
      actions: this.actions,
      favourite: this.store.isFavourite(clip),
      onBack: () => this._close(),
      onCombine: (first) => {
        this._close(false);
        this.grid.select([first]);
        this.grid.focus(first);
        this.host.toast("info", this.host.t("clips.combine_next"));
      },
      onBridge: (first) => this._startBridging(first),
      onRemove: (chosen) => void this._remove([chosen]),
      onPrevious: at > 0 ? step(at - 1) : null,
      onNext: at >= 0 ? step(at + 1) : null,
    });
    this._opened = { clip, view };
    this.list.hidden = true;
    this.element.insertBefore(view.element, this.undo.element);
    view.focus();
  }

  /** @param {boolean} [focus] Whether the clip is focused in the grid. */
  _close(focus = true) {
    if (!this._opened) return;
    const { clip, view } = this._opened;
    this._opened = null;
    view.destroy();
    view.element.remove();
    this.list.hidden = false;
    this.grid.fit();
    if (focus) this.grid.focus(clip);
  }

  /** Focuses what is shown after the focused element has gone. */
  _refocus() {
    if (this._opened) this._opened.view.focus();
    else if (this._shown.length) this.grid.focus();
    else this.toolbar.focus();
  }

  /** @param {Clip[]} chosen */
  async _remove(chosen) {
    if ((await this.actions.remove(chosen)) && !this._stop.signal.aborted) this._refocus();
  }

  async _undo() {
    const back = this.store.deletions[0]?.clips[0];
    if (!(await this.actions.undo()) || this._stop.signal.aborted) return;
    if (back && !this._opened && this._shown.length) this.grid.focus(back);
    else this._refocus();
  }

  async _combine() {
    if (await this.actions.combine(this.grid.selection)) this.grid.select([]);
  }

  async _bridgeSelected() {
    const [first, next] = this.grid.selection;
    if (await this.actions.bridge(first, next)) this.grid.select([]);
  }

  /** @param {Clip} clip */
  _startBridging(clip) {
    const { host } = this;
    this._bridging = clip;
    this._close(false);
    this.grid.select([]);
    this.grid.choosing = true;
    this.prompting.replaceChildren(
      element(host.page, "span", {}, host.t("clips.bridge_next", { name: titleOf(clip) })),
      textButton(host.page, "times", host.t("clips.cancel"), () => this._endBridging()),
    );
    this.grid.focus(clip);
  }

  _endBridging() {
    this._bridging = null;
    this.grid.choosing = false;
    this.prompting.replaceChildren();
    this._refocus();
  }
}

/**
 * @param {import("../activity/jobs.mjs").Jobs} jobs
 * @returns {string[]} Ids of the finished ones.
 */
function finishedJobs(jobs) {
  return jobs
    .all()
    .filter(({ state }) => state === "finished")
    .map(({ id }) => id);
}
