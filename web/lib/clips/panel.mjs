// @ts-check
/** The clips: found, chosen, opened, and deleted with a way back. */
import { element } from "../ui/dom.mjs";
import { areVideos, clipActions } from "./actions.mjs";
import { selectionBar, undoBar } from "./bars.mjs";
import { textButton } from "../ui/buttons.mjs";
import { clipDetail } from "./detail.mjs";
import { titleOf } from "./facts.mjs";
import { ClipGrid } from "./grid.mjs";
import { clipKey, EVERYTHING, isNarrow, selected } from "./select.mjs";
import { clipsToolbar } from "./toolbar.mjs";

/** @typedef {import("../extension.mjs").Context} Context */
/** @typedef {import("./store.mjs").Clip} Clip */

/**
 * The panel.
 *
 * @param {Context} context What our panels share.
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
    /** @type {Clip[]} What is shown. */
    this._shown = [];
    /** @type {{clip: Clip, view: ReturnType<typeof clipDetail>} | null} */
    this._opened = null;
    /** @type {Clip | null} The clip that a following one is being chosen for. */
    this._bridging = null;
    /** @type {Set<string>} Jobs known to have finished. */
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
    /** @type {HTMLElement} */
    this.notice = element(page, "div.wl-clips-notice", { hidden: true });
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
      this.notice,
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

  /** Shows what there is now. */
  update() {
    const { store } = this;
    this._shown = selected(store.all(), store.query, store.favourites);
    this.grid.setClips(this._shown);
    this.grid.refresh();
    this.undo.setCount(store.deletions[0]?.clips.length ?? 0);
    this.status.textContent = this._said();
    this.element.setAttribute("aria-busy", String(!store.loaded && !store.error));
    this._notice();
    if (this._opened) {
      const { clip, view } = this._opened;
      if (store.find(clip)) view.setFavourite(store.isFavourite(clip));
      else this._close();
    }
    if (this._bridging && !store.find(this._bridging)) this._endBridging();
  }

  /** How many there are. */
  _said() {
    const { store, host } = this;
    if (!store.loaded) return store.error ? "" : host.t("clips.loading");
    const n = this._shown.length.toLocaleString(host.texts.language);
    const total = store.all().length.toLocaleString(host.texts.language);
    const said = isNarrow(store.query)
      ? host.t("clips.found", { n, total })
      : host.t("clips.count", { n });
    return store.more ? `${said} ${host.t("clips.more")}` : said;
  }

  /** Says why there is nothing to see, and what to do. */
  _notice() {
    const { store, host, notice } = this;
    const { page } = host;
    const say = (/** @type {string} */ title, /** @type {string} */ text, button = null) => {
      notice.hidden = false;
      notice.replaceChildren(
        element(page, "p.wl-clips-notice-title", {}, title),
        element(page, "p.wl-muted", {}, text),
        ...(button ? [button] : []),
      );
    };
    this.grid.element.hidden = !this._shown.length;
    if (store.error) {
      const again = textButton(page, "refresh", host.t("clips.again"), () => void store.load());
      say(host.t("clips.failed.load"), store.error, again);
      notice.setAttribute("role", "alert");
      return;
    }
    notice.removeAttribute("role");
    if (!store.loaded || this._shown.length) {
      notice.hidden = true;
    } else if (isNarrow(store.query)) {
      const clear = textButton(page, "filter-slash", host.t("clips.show_all"), () => {
        store.query = { ...EVERYTHING, order: store.query.order };
        this.toolbar.setQuery(store.query);
        this.update();
        this.toolbar.focus();
      });
      say(host.t("clips.none_found"), host.t("clips.none_found_detail"), clear);
    } else {
      const make = textButton(page, "video", host.t("clips.make"), () => this.actions.make());
      say(host.t("clips.none"), host.t("clips.none_detail"), make);
    }
  }

  /** Reads the clips anew when one has been finished. */
  _jobsChanged() {
    const finished = finishedJobs(this.context.jobs);
    const fresh = finished.some((id) => !this._finished.has(id));
    this._finished = new Set(finished);
    if (fresh) void this.store.load();
  }

  /**
   * A clip was clicked: it is opened, or the one that was asked for.
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
      void this.actions.bridge(first, clip); // it says why not, and another can be chosen
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

  /** @param {boolean} [focus] Whether the clip gets the focus in the grid. */
  _close(focus = true) {
    if (!this._opened) return;
    const { clip, view } = this._opened;
    this._opened = null;
    view.destroy();
    view.element.remove();
    this.list.hidden = false;
    this.grid.refit();
    if (focus) this.grid.focus(clip);
  }

  /** Puts the focus back where it can go on. */
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
 * @returns {string[]} Ids of those that are finished.
 */
function finishedJobs(jobs) {
  return jobs
    .all()
    .filter(({ state }) => state === "finished")
    .map(({ id }) => id);
}
