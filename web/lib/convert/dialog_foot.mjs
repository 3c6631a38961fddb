// @ts-check
/** The foot of the dialog: the plan, why nothing can be created, and the buttons. */
import { element, freshId } from "../ui/dom.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */

export class DialogFoot {
  /**
   * @param {Host} host
   * @param {HTMLElement} plan
   * @param {{close: () => void, openGraph: () => void, createFinal: () => void,
   *   create: () => void}} actions
   */
  constructor(host, plan, actions) {
    this.host = host;
    const make = element.bind(null, host.page);
    const button = (/** @type {string} */ key, /** @type {() => void} */ onclick) =>
      make("button.wl-button", { type: "button", onclick }, host.t(key));
    this.error = make("p.wl-error.wl-form-failed", { role: "alert" });
    this.reason = make("p.wl-muted.wl-form-reason", { id: freshId("reason"), role: "status" });
    this.createButton = make("button.wl-button.wl-button--primary", {
      type: "button", "aria-describedby": this.reason.id, title: "Ctrl+Enter",
      onclick: actions.create,
    });
    this.finalButton = button("convert.create_final", actions.createFinal);
    this.graphButton = button("convert.open", actions.openGraph);
    this.elements = [
      make("div.wl-convert-said", {}, plan, this.reason, this.error),
      make(
        "div.wl-convert-buttons", {}, button("convert.cancel", actions.close), this.graphButton,
        this.finalButton, this.createButton,
      ),
    ];
  }

  get canCreate() {
    return !this.createButton.disabled;
  }

  /** @param {string} message Why creating or opening failed; "" for none. */
  fail(message) {
    this.error.textContent = message;
  }

  /**
   * @param {{busy: boolean, draft: boolean, noGraph: string, noClip: string, noFinal: string}
   *   } state Why each cannot be made; "" where it can.
   */
  update({ busy, draft, noGraph, noClip, noFinal }) {
    if (this.reason.textContent !== noClip) this.reason.textContent = noClip;
    const label = draft ? "convert.create_draft" : "convert.create";
    this.createButton.textContent = this.host.t(busy ? "convert.adding" : label);
    this.createButton.disabled = busy || noClip !== "";
    this.graphButton.disabled = busy || noGraph !== "";
    this.finalButton.hidden = !draft;
    this.finalButton.disabled = busy || noFinal !== "";
    this.finalButton.title = noFinal;
  }
}
