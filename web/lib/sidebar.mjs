// @ts-check
/** The tab in ComfyUI's sidebar with its two views, jobs and clips. */
import { element, freshId } from "./ui/dom.mjs";
import { SafeStorage } from "./comfy/storage.mjs";

/** @typedef {import("./extension.mjs").Context} Context */

/** Storage key of the view that was open last. */
const VIEW = "wanderlens.view";

/** @type {{name: string, load: () => Promise<(context: Context) => {element: HTMLElement, destroy: () => void}>}[]} */
const VIEWS = [
  {
    name: "activity",
    load: async () => (await import("./activity/panel.mjs")).activityPanel,
  },
  {
    name: "clips",
    load: async () => (await import("./clips/panel.mjs")).clipsPanel,
  },
];

/**
 * Registers the tab.
 *
 * @param {Context} context
 * @param {string} id The tab's id.
 */
export function openSidebar(context, id) {
  const { host, jobs } = context;
  /** @type {{destroy: () => void} | null} */
  let shown = null;
  const manager = host.app.extensionManager;
  manager.registerSidebarTab({
    id,
    type: "custom",
    icon: "pi pi-video",
    title: "Wanderlens",
    label: host.t("sidebar.label"), // short: the sidebar is narrow
    tooltip: host.t("sidebar.tooltip"),
    iconBadge: () => null,
    render: (/** @type {HTMLElement} */ container) => {
      shown?.destroy();
      shown = sidebar(context, container);
    },
    destroy: () => {
      shown?.destroy();
      shown = null;
    },
  });
  // ComfyUI reads a badge again when the tab gets another function.
  jobs.addEventListener("change", () => {
    const tab = manager.getSidebarTabs().find((/** @type {any} */ each) => each.id === id);
    const text = badge(jobs)();
    if (tab && tab.iconBadge() !== text) tab.iconBadge = () => text;
  });
}

/**
 * The number of unfinished jobs; null for none.
 *
 * @param {Context["jobs"]} jobs
 * @returns {() => string | null}
 */
function badge(jobs) {
  return () => {
    const unfinished = jobs.all().filter(({ state }) => state === "queued" || state === "running");
    return unfinished.length ? String(unfinished.length) : null;
  };
}

/**
 * Fills the tab.
 *
 * @param {Context} context
 * @param {HTMLElement} container
 */
function sidebar(context, container) {
  const { host } = context;
  const page = host.page;
  const storage = SafeStorage.of(page);
  const panel = element(page, "div.wl-sidebar-view", { role: "tabpanel", id: freshId("view") });
  /** @type {{element: HTMLElement, destroy: () => void} | null} */
  let view = null;
  let wanted = "";
  const tabs = VIEWS.map(({ name }) =>
    element(
      page,
      "button.wl-tab",
      {
        type: "button",
        role: "tab",
        id: freshId("tab"),
        "aria-controls": panel.id,
        dataset: { view: name },
        onclick: () => show(name),
      },
      host.t(`sidebar.${name}`),
    ),
  );

  const show = async (/** @type {string} */ name) => {
    wanted = name;
    storage.write(VIEW, name);
    for (const tab of tabs) {
      const selected = tab.dataset.view === name;
      tab.setAttribute("aria-selected", String(selected));
      tab.tabIndex = selected ? 0 : -1;
      if (selected) panel.setAttribute("aria-labelledby", tab.id);
    }
    const open = await VIEWS.find((each) => each.name === name)?.load();
    if (!open || wanted !== name) return; // another view was chosen meanwhile
    view?.destroy();
    view = open(context);
    panel.replaceChildren(view.element);
  };

  const list = element(
    page,
    "div.wl-tabs",
    {
      role: "tablist",
      "aria-label": "Wanderlens",
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (!step) return;
        event.preventDefault();
        const at = tabs.findIndex((tab) => tab.dataset.view === wanted);
        const next = tabs[(at + step + tabs.length) % tabs.length];
        next.focus();
        next.click();
      },
    },
    tabs,
  );
  container.style.height = "100%"; // so that the views scroll without the tabs
  container.replaceChildren(element(page, "div.wl.wl-sidebar", {}, list, panel));
  const last = storage.read(VIEW);
  void show(VIEWS.find(({ name }) => name === last)?.name ?? VIEWS[0].name);
  return {
    destroy: () => {
      wanted = "";
      view?.destroy();
      container.replaceChildren();
    },
  };
}
