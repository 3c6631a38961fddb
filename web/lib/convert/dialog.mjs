// @ts-check
/** The dialog "Convert to Video", also for extending and bridging clips. */
import { element } from "../ui/dom.mjs";
import { posterURL } from "../comfy/posters.mjs";
import { browserStorage } from "../comfy/storage.mjs";
import { clipFacts } from "./clip_facts.mjs";
import { ClipFields } from "./clip_fields.mjs";
import { section, textArea } from "../ui/form_controls.mjs";
import { create, openAsGraph } from "./create.mjs";
import { DirectionFields } from "./direction.mjs";
import { changed, problems, startValues } from "./form.mjs";
import { finalOf, shotOf } from "../workflows/values.mjs";
import { DialogFoot } from "./dialog_foot.mjs";
import { dialogShell } from "../ui/dialog_shell.mjs";
import { FormDraft } from "./draft.mjs";
import { ModelFields } from "./model_fields.mjs";
import { rememberModels } from "./models.mjs";
import { planRequest, PlanView } from "./plan.mjs";
import { PromptView } from "./prompt.mjs";
import { clipPreview, ImagePreview } from "./image_preview.mjs";
import { VALIDATED_FIELDS, validate } from "./validation.mjs";

/** @typedef {import("../extension.mjs").Context} Context */
/** @typedef {import("../comfy/file_ref.mjs").Ref} Ref */
/** @typedef {import("./form.mjs").FormValues} FormValues */
/** @typedef {import("./form.mjs").Mode} Mode */

/**
 * @typedef {object} Options
 * @property {Mode} mode
 * @property {Ref | null} [picture] The still; without it, the user chooses one.
 * @property {Ref | null} [clip] The clip that is extended or bridged.
 * @property {Ref | null} [next] The clip that a bridge leads to.
 * @property {Partial<FormValues>} [values] Override the defaults.
 */

/** @type {ConvertDialog | null} */
let open = null;

/**
 * @param {Context} context
 * @param {Options} options
 */
export function openConvert(context, options) {
  open?.close();
  open = new ConvertDialog(context, options);
}

class ConvertDialog {
  /**
   * @param {Context} context
   * @param {Options} options
   */
  constructor(context, { mode, picture = null, clip = null, next = null, values: given }) {
    const { host } = context;
    this.context = context;
    this.host = host;
    this.mode = mode;
    this.source = { picture, clip, next };
    this.draft = new FormDraft(browserStorage(host.page, "sessionStorage"), mode);
    this.busy = false;
    this.closed = false;
    /** Cancels what is under way when the form is closed. */
    this.ending = new AbortController();
    this.before = host.page.activeElement;
    /** @type {import("./format.mjs").Plan | null} */
    this.plan = null;
    /** The server's error for the plan, if any. @type {any} */
    this.refusal = null;
    /** @type {import("./clip_facts.mjs").Facts[]} */
    this.facts = [];

    const before = given ? null : this.draft.read();
    this.values = startValues(host, mode, given ?? before?.values ?? {});
    if (mode === "convert" && !picture && before) this.source.picture = before.picture;

    const change = (/** @type {Partial<FormValues>} */ values) => this.change(values);
    const t = host.t.bind(host);
    this.direction = new DirectionFields(context, mode, change);
    this.clip = new ClipFields(host, mode, change);
    // Models that are picked automatically are no input of the user, so no draft is stored.
    this.models = new ModelFields(host, (values) => this.set({ ...this.values, ...values }));
    this.negative = textArea(host.page, {
      label: t("convert.negative"), hint: t("convert.negative_hint"), rows: 2,
      onInput: (negative) => change({ negative }),
    });
    this.more = section(host.page, { title: t("convert.more") }, this.negative.element);
    this.preview = mode === "convert"
      ? new ImagePreview(host, {
        onPicture: (chosen) => this.setPicture(chosen),
        onUploading: () => this.showState(),
      })
      : clipPreview(host, this.clips());
    this.prompt = new PromptView(host, {
      ofClip: mode !== "convert", onChange: change, onComposed: (composed) => {
        this.direction.setComposed(composed);
        if (this.preview instanceof ImagePreview) this.preview.setPath(composed?.path ?? null);
      },
    });
    this.planView = new PlanView(host, (plan, refusal) => {
      this.plan = plan;
      this.refusal = refusal;
      this.showState();
    });
    const make = element.bind(null, host.page);
    const afresh = { type: "button", onclick: () => this.startAfresh() };
    this.restored = make(
      "p.wl-form-restored", { hidden: before === null, role: "status" },
      t("convert.restored"), " ", make("button.wl-button", afresh, t("convert.afresh")),
    );
    this.foot = new DialogFoot(host, this.planView.element, {
      close: () => this.close(),
      openGraph: () => this.openGraph(),
      createFinal: () => this.create(finalOf(this.values)),
      create: () => this.create(this.values),
    });
    this.element = dialogShell(host.page, {
      title: t(`convert.title_${mode}`),
      close: t("convert.close"),
      head: this.restored,
      left: [this.preview.element, this.prompt.element],
      right: [
        this.direction.element, make("hr"), this.clip.element, make("hr"), this.models.element,
        this.more.element,
      ],
      foot: this.foot.elements,
    }, {
      onClose: () => this.close(),
      onSubmit: () => this.foot.canCreate && this.create(this.values),
      onData: (data) => this.preview instanceof ImagePreview && this.preview.receive(data),
    });
    this.show();
  }

  clips() {
    const { clip, next } = this.source;
    const first = this.mode === "bridge" ? "convert.first_clip" : "convert.clip";
    return [{ clip, key: first }, { clip: next, key: "convert.next_clip" }].flatMap((each) =>
      each.clip ? [{ clip: each.clip, label: this.host.t(each.key) }] : []);
  }

  show() {
    this.host.page.body.append(this.element);
    this.element.showModal();
    if (this.preview instanceof ImagePreview) this.showPicture();
    else this.learnClips(this.preview.videos);
    this.set(this.values, true);
    this.models.load();
    const empty = this.preview instanceof ImagePreview && !this.source.picture;
    if (empty) /** @type {ImagePreview} */ (this.preview).chooser.focus();
    else this.direction.direction.focus();
  }

  close() {
    if (this.closed) return;
    this.closed = true;
    this.ending.abort();
    if (open === this) open = null;
    for (const part of [this.planView, this.prompt, this.direction, this.preview]) part.destroy();
    this.element.close();
    this.element.remove();
    const { before } = this;
    if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
  }

  /** @param {Ref} picture Chosen by the user. */
  setPicture(picture) {
    if (this.closed) return; // the draft is another form's now
    this.source.picture = picture;
    this.showPicture();
    this.keep();
    this.set(this.values, true);
  }

  showPicture() {
    const { picture } = this.source;
    if (this.preview instanceof ImagePreview) this.preview.setPicture(picture);
    this.direction.setPicture(picture ? this.host.viewURL(picture) : null);
  }

  /** @param {HTMLVideoElement[]} videos Of the clips. */
  async learnClips(videos) {
    const { clip: shown } = this.source;
    this.direction.setPicture(shown ? this.poster(shown) : null);
    this.facts = await Promise.all(
      this.clips().map(({ clip }, index) => clipFacts(this.context, clip, videos[index])),
    );
    if (!this.closed) this.set(this.values);
  }

  /** @param {Ref} clip */
  poster(clip) {
    return posterURL(this.host, this.context.clips.find(clip) ?? clip);
  }

  /** @param {Partial<FormValues>} values Changed by the user. */
  change(values) {
    this.set(changed(this.values, values));
    this.keep();
  }

  keep() {
    this.draft.write({ values: this.values, picture: this.source.picture });
  }

  startAfresh() {
    this.draft.clear();
    this.restored.hidden = true;
    const { models } = this.values;
    this.set({ ...startValues(this.host, this.mode), models }, true);
    this.direction.direction.focus();
  }

  /**
   * @param {FormValues} values To be shown everywhere.
   * @param {boolean} [now] Requests the prompt without delay.
   */
  set(values, now = false) {
    this.values = values;
    if (this.closed) return;
    const { mode, source } = this;
    const shot = shotOf(values);
    this.direction.update(values);
    this.clip.update(values);
    this.models.update(values, shot);
    this.negative.set(values.negative);
    this.more.setState(values.negative);
    const loop = mode === "convert" && values.loop;
    this.prompt.update(values, source.picture ?? source.clip, { loop, now });
    const fps = mode === "convert" ? values.fps : this.facts[0]?.fps ?? null;
    const valid = problems(values, mode).length === 0;
    const request = valid ? planRequest(mode, shot, source.picture, this.facts) : null;
    this.planView.update(request, { fps, loop });
    this.showState();
  }

  /** Shows errors, and whether anything can be queued. */
  showState() {
    const { host, mode, values, source, refusal, busy } = this;
    const uploading = this.preview instanceof ImagePreview && this.preview.uploading;
    const { fields, unfit, refused } = validate(host, {
      mode, values, source, refusal, uploading,
    });
    const controls = { ...this.clip, intensity: this.direction.intensity };
    for (const name of VALIDATED_FIELDS) controls[name].fail(fields[name]);
    this.foot.update({
      busy,
      draft: values.draft,
      noGraph: unfit,
      noClip: unfit || this.models.reason(values, shotOf(values)) || refused,
      noFinal: unfit || this.models.reason(values, shotOf(finalOf(values))),
    });
  }

  /** @param {FormValues} values The form's, or those of its draft's final. */
  async create(values) {
    const { host, mode, plan } = this;
    const source = { ...this.source }; // another picture may be dropped meanwhile
    const { signal } = this.ending;
    await this.doing(async () => {
      // The plan that is shown is the draft's.
      const estimate = values.draft === this.values.draft ? plan?.estimate ?? null : null;
      const job = await create(this.context, mode, values, source, { estimate, signal });
      if (job === null) return;
      if (!this.closed) this.draft.clear(); // otherwise it is another form's draft
      rememberModels(host, values.models, this.models.remembered).catch(() => {}); // not essential
      this.close();
      host.toast("success", host.t("convert.added"), host.t("convert.added_detail"));
    });
  }

  async openGraph() {
    const { host, mode, values } = this;
    const source = { ...this.source };
    await this.doing(async () => {
      await openAsGraph(host, mode, values, source, this.ending.signal);
      this.close();
    });
  }

  /** @param {() => Promise<void>} work A failure is shown; the form stays. */
  async doing(work) {
    if (this.busy) return;
    this.busy = true;
    this.foot.fail("");
    this.showState();
    try {
      await work();
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      if (this.closed) this.host.toast("error", this.host.t("convert.failed"), message);
      else this.foot.fail(message);
    } finally {
      this.busy = false;
      this.showState();
    }
  }
}
