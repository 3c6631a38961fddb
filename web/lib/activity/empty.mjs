// @ts-check
/** What the list shows when there are no jobs. */
import { textButton } from "../ui/buttons.mjs";
import { element } from "../ui/dom.mjs";

/**
 * @param {import("../extension.mjs").Context} context
 * @returns {HTMLElement}
 */
export function emptyView(context) {
  const { host } = context;
  const { page } = host;
  const convert = async () => {
    const { openConvert } = await import("../convert/dialog.mjs");
    return openConvert(context, { mode: "convert" });
  };
  return element(
    page,
    "div.wl-activity-empty",
    { hidden: true },
    element(page, "i.pi.pi-video", { "aria-hidden": "true" }),
    element(page, "p", {}, host.t("activity.none")),
    element(page, "p.wl-muted", {}, host.t("activity.none_detail")),
    textButton(page, "video", host.t("activity.convert"), convert, ".wl-button--primary"),
  );
}
