// @ts-check
/** What stands in the grid's place when it has nothing to show. */
import { textButton } from "../ui/buttons.mjs";
import { element } from "../ui/dom.mjs";
import { isFiltered } from "./select.mjs";

/**
 * @param {import("../comfy/host.mjs").Host} host
 * @param {import("./store.mjs").ClipStore} store
 * @param {{again: () => void, make: () => void, showAll: () => void}} actions
 * @returns {{element: HTMLElement, update: (shown: number) => void}} `update` is given the number
 *   of clips in the grid.
 */
export function emptyNotice(host, store, actions) {
  const { page } = host;
  /** @type {HTMLElement} */
  const notice = element(page, "div.wl-clips-notice", { hidden: true });

  /**
   * @param {string} title
   * @param {string} detail
   * @param {HTMLElement} button
   */
  const show = (title, detail, button) => {
    notice.hidden = false;
    notice.replaceChildren(
      element(page, "p.wl-clips-notice-title", {}, title),
      element(page, "p.wl-muted", {}, detail),
      button,
    );
  };

  return {
    element: notice,
    update: (shown) => {
      if (store.error) {
        const again = textButton(page, "refresh", host.t("clips.again"), actions.again);
        show(host.t("clips.failed.load"), store.error, again);
        notice.setAttribute("role", "alert");
        return;
      }
      notice.removeAttribute("role");
      if (!store.loaded || shown) {
        notice.hidden = true;
      } else if (isFiltered(store.query)) {
        const all = textButton(page, "filter-slash", host.t("clips.show_all"), actions.showAll);
        show(host.t("clips.none_found"), host.t("clips.none_found_detail"), all);
      } else {
        const make = textButton(page, "video", host.t("clips.make"), actions.make);
        show(host.t("clips.none"), host.t("clips.none_detail"), make);
      }
    },
  };
}
