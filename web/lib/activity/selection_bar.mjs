// @ts-check
/** The bar below the list while clips are selected. */
import { textButton } from "../ui/buttons.mjs";
import { element } from "../ui/dom.mjs";
import { setShown, setText } from "../ui/dom_patch.mjs";
import { titleText } from "./format.mjs";

/**
 * @param {Pick<import("../extension.mjs").Context, "host" | "jobs">} context
 * @param {import("./selection.mjs").Selection} selection
 * @param {() => void} onCombine
 * @returns {{element: HTMLElement, update: () => void}}
 */
export function selectionBar({ host, jobs }, selection, onCombine) {
  const { page } = host;
  const text = element(page, "span.wl-activity-choice-text", { role: "status" });
  const combine = textButton(page, "link", "", onCombine, ".wl-button--primary");
  const label = element(page, "span");
  combine.append(label);
  const clear = textButton(page, "times", host.t("activity.cancel"), () => selection.clear());
  const bar = element(
    page,
    "div.wl-activity-choice",
    { role: "group", "aria-label": host.t("clips.selected_clips"), hidden: true },
    text,
    element(page, "span.wl-activity-choice-buttons", {}, combine, clear),
  );
  const hint = () => {
    const from = selection.bridge === null ? null : jobs.get(selection.bridge);
    if (from) return host.t("activity.bridge_hint", { name: titleText(host, from) });
    return host.t(selection.ids.length < 2 ? "activity.combine_more" : "activity.combine_order");
  };
  return {
    element: bar,
    update: () => {
      const n = selection.ids.length;
      setShown(bar, n > 0 || selection.bridge !== null);
      setShown(combine, selection.bridge === null);
      combine.disabled = n < 2;
      setText(label, n < 2 ? host.t("activity.combine_few") : host.t("activity.combine", { n }));
      setText(text, hint());
    },
  };
}
