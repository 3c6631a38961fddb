// @ts-check
/** Bars below the grid: actions on the selected clips, undo of the last deletion. */
import { numberText } from "../comfy/i18n.mjs";
import { iconButton, textButton } from "../ui/buttons.mjs";
import { element } from "../ui/dom.mjs";
import { areVideos } from "./actions.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("./store.mjs").Clip} Clip */

/**
 * @param {Host} host
 * @param {{combine: () => void, bridge: () => void, download: () => void, remove: () => void,
 *   clear: () => void}} on What the buttons do.
 * @returns {{element: HTMLElement, setClips: (selected: readonly Clip[]) => void}}
 */
export function selectionBar(host, on) {
  const { page } = host;
  const count = element(page, "span.wl-clips-count", { role: "status" });
  const combine = textButton(page, "link", "", on.combine, ".wl-button--primary");
  const bridge = textButton(page, "arrows-h", host.t("clips.bridge"), on.bridge);
  const download = textButton(page, "download", "", on.download);
  const remove = textButton(page, "trash", "", on.remove);
  const clear = iconButton(page, "times", host.t("clips.select_none"), on.clear);
  combine.title = host.t("clips.combine_hint");
  bridge.title = host.t("clips.bridge_hint");
  const bar = element(
    page,
    "div.wl-clips-bar",
    { role: "group", "aria-label": host.t("clips.selected_clips"), hidden: true },
    element(page, "div.wl-clips-bar-head", {}, count, clear),
    element(page, "div.wl-clips-bar-buttons", {}, combine, bridge, download, remove),
  );
  const label = (/** @type {HTMLElement} */ button, /** @type {string} */ text) => {
    /** @type {ChildNode} */ (button.lastChild).textContent = text;
  };
  combine.append("");
  download.append("");
  remove.append("");
  return {
    element: bar,
    setClips: (selected) => {
      const n = numberText(host, selected.length);
      const videos = areVideos(selected);
      bar.hidden = selected.length === 0;
      count.textContent = selected.length ? host.t("clips.selected", { n }) : "";
      label(combine, host.t("clips.combine_n", { n }));
      label(download, host.t("clips.download_n", { n }));
      label(remove, host.t("clips.delete_n", { n }));
      combine.disabled = selected.length < 2 || !videos;
      bridge.hidden = selected.length !== 2 || !videos;
    },
  };
}

/**
 * Offers to undo the last deletion until it is undone, dismissed or another follows.
 *
 * @param {Host} host
 * @param {() => void} onUndo
 * @param {() => void} onClose
 * @returns {{element: HTMLElement, setCount: (n: number) => void}}
 */
export function undoBar(host, onUndo, onClose) {
  const { page } = host;
  // Always in the page: screen readers announce what is added to a live region, not with it.
  const live = element(page, "div.wl-clips-live", { role: "status" });
  let shown = 0;
  return {
    element: live,
    setCount: (deleted) => {
      if (deleted === shown) return;
      shown = deleted;
      const n = numberText(host, deleted);
      if (!deleted) {
        live.replaceChildren();
        return;
      }
      live.replaceChildren(
        element(
          page,
          "div.wl-clips-undo",
          {},
          element(page, "span", {}, host.t("clips.deleted", { n })),
          textButton(page, "undo", host.t("clips.undo"), onUndo),
          iconButton(page, "times", host.t("clips.close"), onClose),
        ),
      );
    },
  };
}
