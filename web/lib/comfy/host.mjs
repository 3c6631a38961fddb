// @ts-check
/** The adapter to ComfyUI: its server, files, settings, messages and queue. */
import { Texts } from "./i18n.mjs";

/** @typedef {import("./file_ref.mjs").Ref} Ref */

/** Our folder below ComfyUI's user data. */
const USER_FOLDER = "wanderlens";

/** Prefix of the node ids in prompts that we queue. */
const OWN = "wanderlens.";

/** A request that was refused or not answered; the message is for the user. */
export class HostError extends Error {
  /**
   * @param {string} message What went wrong, and what to do about it.
   * @param {number} status The HTTP status; 0 where there was no answer.
   * @param {any} [body] The answer, if it was JSON.
   */
  constructor(message, status, body = null) {
    super(message);
    this.name = "HostError";
    this.status = status;
    this.body = body;
  }
}

export class Host {
  /**
   * @param {any} app ComfyUI's app.
   * @param {any} api ComfyUI's api.
   * @param {Document} page The page.
   * @param {string} pack The folder name of this package, as in the URLs of its files.
   */
  constructor(app, api, page, pack) {
    this.app = app;
    this.api = api;
    this.page = page;
    this.pack = pack;
    this.texts = new Texts({}, "en");
  }

  /** Loads the texts in the language that ComfyUI is set to. */
  async loadTexts() {
    const language = this.setting("Comfy.Locale") ?? "en";
    this.texts = new Texts(await this.getJson("/i18n"), String(language));
  }

  /**
   * @param {string} key
   * @param {Record<string, string | number>} [values]
   */
  t(key, values) {
    return this.texts.t(key, values);
  }

  /**
   * Sends a request to the server.
   *
   * @param {string} path Below the API's root, such as "/queue".
   * @param {RequestInit} [options] As `fetch` takes them.
   * @returns {Promise<Response>} With an OK status.
   * @throws {HostError} For any other status, and where there is no answer.
   */
  async request(path, options) {
    let answer;
    try {
      answer = await this.api.fetchApi(path, options);
    } catch (error) {
      if (options?.signal?.aborted) throw error;
      throw new HostError(this.t("host.unreachable"), 0);
    }
    if (answer.ok) return answer;
    const body = await answer.json().catch(() => null);
    throw new HostError(errorText(body) ?? this.t("host.refused", { status: answer.status }),
      answer.status, body);
  }

  /**
   * @param {string} path Below the API's root.
   * @param {AbortSignal} [signal] Aborts the request.
   * @returns {Promise<any>} The answer's JSON.
   */
  async getJson(path, signal) {
    return this._json(await this.request(path, { signal, cache: "no-store" }));
  }

  /**
   * @param {string} path Below the API's root.
   * @param {any} body Sent as JSON.
   * @param {AbortSignal} [signal] Aborts the request.
   * @returns {Promise<any>} The answer's JSON; null where there is none.
   */
  async postJson(path, body, signal) {
    const headers = { "Content-Type": "application/json" };
    const answer = await this.request(path, {
      method: "POST", headers, body: JSON.stringify(body), signal,
    });
    const text = await answer.text();
    return text ? JSON.parse(text) : null;
  }

  /** @param {Response} answer */
  async _json(answer) {
    try {
      return await answer.json();
    } catch {
      throw new HostError(this.t("host.refused", { status: answer.status }), answer.status);
    }
  }

  /**
   * @param {string} route Such as "/view"; with a query if need be.
   * @returns {string} Its URL, for `src` and `href`.
   */
  url(route) {
    return this.api.apiURL(route);
  }

  /**
   * @param {Ref} ref A file in ComfyUI's folders.
   * @param {Record<string, string | number>} [more] Further parameters, such as a version.
   * @returns {string} Its URL.
   */
  viewURL({ filename, subfolder, type }, more = {}) {
    const query = new URLSearchParams({ filename, subfolder, type });
    for (const [key, value] of Object.entries(more)) query.set(key, String(value));
    return this.url(`/view?${query}`);
  }

  /**
   * Uploads a picture or clip to ComfyUI's input folder.
   *
   * @param {Blob} blob Its content.
   * @param {string} name Its file name; ComfyUI chooses another where another file has it.
   * @returns {Promise<Ref>} The file.
   */
  async upload(blob, name) {
    const body = new FormData();
    body.append("image", blob, name);
    body.append("subfolder", USER_FOLDER);
    body.append("type", "input");
    const answer = await this._json(await this.request("/upload/image", { method: "POST", body }));
    return { filename: answer.name, subfolder: answer.subfolder ?? "", type: "input" };
  }

  /**
   * @param {string} path A JSON file below our folder of the user's data, such as "favourites.json".
   * @returns {Promise<any>} Its content; null where there is no such file.
   */
  async readUserFile(path) {
    // A request for a missing file would be logged as an error in the browser's console.
    const file = `${USER_FOLDER}/${path}`;
    for (const [folder, wanted] of [["", USER_FOLDER], [USER_FOLDER, file]]) {
      const entries = await this.getJson(`/v2/userdata?path=${folder}`);
      if (!entries.some((/** @type {any} */ entry) => entry.path === wanted)) return null;
    }
    return this.getJson(`/userdata/${encodeURIComponent(file)}`);
  }

  /**
   * @param {string} path A JSON file below our folder of the user's data.
   * @param {any} value Its new content.
   * @param {{overwrite?: boolean}} [options] Without `overwrite`, an existing file is
   *   refused with status 409.
   */
  async writeUserFile(path, value, { overwrite = true } = {}) {
    const file = encodeURIComponent(`${USER_FOLDER}/${path}`);
    await this.request(`/userdata/${file}?overwrite=${overwrite}&full_info=true`, {
      method: "POST",
      body: JSON.stringify(value, null, 2),
    });
  }

  /**
   * @param {string} id A setting's id.
   * @returns {any} Its value.
   */
  setting(id) {
    return this.app.extensionManager.setting.get(id);
  }

  /**
   * @param {string} id A setting's id.
   * @param {any} value
   */
  async setSetting(id, value) {
    await this.app.extensionManager.setting.set(id, value);
  }

  /**
   * Shows a toast.
   *
   * @param {"success" | "info" | "warn" | "error"} severity
   * @param {string} summary The first line.
   * @param {string} [detail] More about it.
   */
  toast(severity, summary, detail = "") {
    const life = severity === "error" ? 12_000 : 6_000;
    this.app.extensionManager.toast.add({ severity, summary, detail, life });
  }

  /**
   * Listens to messages of ComfyUI's server.
   *
   * @param {string} event Such as "progress"; "reconnected" after the connection was lost.
   * @param {(detail: any) => void} handler
   * @returns {() => void} Stops listening.
   */
  on(event, handler) {
    const listener = (/** @type {CustomEvent} */ { detail }) => handler(detail);
    this.api.addEventListener(event, listener);
    return () => this.api.removeEventListener(event, listener);
  }

  /**
   * Queues a prompt, whatever graph is on the canvas.
   *
   * @param {{prompt: any, workflow: any, promptId: string}} job The prompt in API format, the same
   *   in the editor's format for the files' metadata, and an id of our own.
   * @throws {HostError} The server refused; the message has a line for each refused input.
   */
  async queue({ prompt, workflow, promptId }) {
    const answer = await this.postJson("/prompt", {
      client_id: this.api.clientId,
      prompt_id: promptId,
      prompt: withOwnIds(prompt),
      extra_data: {
        extra_pnginfo: { workflow },
        // Newer versions take the preview method from the prompt, older ones from the command line.
        preview_method: this.previewMethod(),
      },
    });
    const refused = Object.keys(answer?.node_errors ?? {}).length > 0;
    if (!refused) return;
    // ComfyUI runs the rest of a prompt as long as one output is valid.
    await this.postJson("/queue", { delete: [promptId] });
    await this.postJson("/interrupt", { prompt_id: promptId });
    throw new HostError(errorText(answer) ?? this.t("host.refused", { status: 200 }), 200, answer);
  }

  /** The preview method that the user has set; by default one that needs no model. */
  previewMethod() {
    const chosen = this.setting("Comfy.Execution.PreviewMethod");
    return !chosen || chosen === "default" ? "latent2rgb" : chosen;
  }
}

/**
 * Gives a prompt's nodes ids that no node on the canvas has: ComfyUI's page shows the progress of a
 * node on the one with the same id, whatever prompt it belongs to. A prompt with such ids is
 * returned as it is.
 *
 * @param {any} prompt In API format.
 */
export function withOwnIds(prompt) {
  // A few may look like ours by chance, but not all.
  if (Object.keys(prompt).every((id) => id.startsWith(OWN))) return prompt;
  const own = (/** @type {string} */ id) => `${OWN}${id}`;
  const linked = (/** @type {any} */ value) =>
    Array.isArray(value) && value.length === 2 && typeof value[0] === "string"
      && Object.hasOwn(prompt, value[0]) && Number.isInteger(value[1]);
  return Object.fromEntries(
    Object.entries(prompt).map(([id, node]) => {
      const inputs = Object.entries(/** @type {any} */ (node).inputs).map(([name, value]) => [
        name,
        linked(value) ? [own(value[0]), value[1]] : value,
      ]);
      return [own(id), { .../** @type {any} */ (node), inputs: Object.fromEntries(inputs) }];
    }),
  );
}

/**
 * The text of a refusal, one line for each refused input.
 *
 * @param {any} body The answer's JSON.
 * @returns {string | null} Null where it has none.
 */
export function errorText(body) {
  const lines = [];
  const error = body?.error;
  if (typeof error === "string") lines.push(error);
  else if (error?.message && error.type !== "prompt_outputs_failed_validation") {
    lines.push([error.message, error.details].filter(Boolean).join(": "));
  }
  for (const [id, node] of Object.entries(body?.node_errors ?? {})) {
    const { class_type: title = id, errors } = /** @type {any} */ (node) ?? {};
    for (const problem of Array.isArray(errors) ? errors : []) {
      lines.push(`${title}: ${[problem?.message, problem?.details].filter(Boolean).join(": ")}`);
    }
  }
  return lines.length ? lines.join("\n") : null;
}
