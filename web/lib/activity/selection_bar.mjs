// @ts-check
/** What stands below the list while clips are chosen. */
import { textButton } from "../ui/buttons.mjs";
import { element } from "../ui/dom.mjs";
import { setShown, setText } from "../ui/dom_patch.mjs";
import { titleText } from "./format.mjs";

/**
 * @param {Pick<import("../extension.mjs").Context, "host" | "jobs">} context
 * @param {import("./selection.mjs").Choice} choice
 * @param {() => void} onCombine
 * @returns {{element: HTMLElement, update: () => void}}
 */
export function choiceBar({ host, jobs }, choice, onCombine) {
  const { page } = host;
  const text = element(page, "span.wl-activity-choice-text", { role: "status" });
  const combine = textButton(page, "link", "", onCombine, ".wl-button--primary");
  const label = element(page, "span");
  combine.append(label);
  const clear = textButton(page, "times", host.t("activity.cancel"), () => choice.clear());
  const bar = element(
    page,
    "div.wl-activity-choice",
    { role: "group", "aria-label": host.t("clips.selected_clips"), hidden: true },
    text,
    element(page, "span.wl-activity-choice-buttons", {}, combine, clear),
  );
  const words = () => {
    const from = choice.bridge === null ? null : jobs.get(choice.bridge);
    if (from) return host.t("activity.bridge_hint", { name: titleText(host, from) });
    return host.t(choice.ids.length < 2 ? "activity.combine_more" : "activity.combine_order");
  };
  return {
    element: bar,
    update: () => {
      const n = choice.ids.length;
      setShown(bar, n > 0 || choice.bridge !== null);
      setShown(combine, choice.bridge === null);
      combine.disabled = n < 2;
      setText(label, n < 2 ? host.t("activity.combine_few") : host.t("activity.combine", { n }));
      setText(text, words());
    },
  };
}
