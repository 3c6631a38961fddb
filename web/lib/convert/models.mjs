// @ts-check
/** Model files: which parts a clip needs, which files fit, which are missing. */

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("./form.mjs").FormValues} FormValues */
/** @typedef {import("./form.mjs").Models} Models */
/** @typedef {keyof Models} Part */

/**
 * @typedef {object} PartFiles The server's files for a part.
 * @property {string} folder Such as "diffusion_models".
 * @property {string[]} files Those whose names match, best first.
 * @property {string[]} all All files of the folder.
 * @property {{name: string, url: string}} wanted The file that the bundled workflows use.
 */

/** @typedef {Record<Part, PartFiles>} Library */

const FILE = "models.json";

/**
 * @param {Host} host
 * @returns {Promise<{library: Library, remembered: Partial<Models>}>} The files, and the choice
 *   of the last time.
 */
export async function loadModels(host) {
  const [answer, kept] = await Promise.all([
    host.getJson("/wanderlens/models"),
    host.readUserFile(FILE).catch(() => null), // the best match is used
  ]);
  const remembered = kept !== null && typeof kept === "object" ? kept : {};
  return { library: answer.models, remembered };
}

/**
 * Stores the choice for the next time.
 *
 * @param {Host} host
 * @param {Models} models
 * @param {Partial<Models>} remembered The stored choice.
 */
export async function rememberModels(host, models, remembered) {
  const chosen = Object.fromEntries(Object.entries(models).filter(([, file]) => file));
  const next = { ...remembered, ...chosen };
  if (JSON.stringify(next) === JSON.stringify(remembered)) return;
  await host.writeUserFile(FILE, next);
}

/**
 * The parts that a clip needs.
 *
 * @param {Pick<FormValues, "family" | "quality">} shot What is made, as `shotOf` gives it.
 * @returns {Part[]} In the order they are loaded.
 */
export function neededParts({ family, quality }) {
  if (family === "5b") return ["one_model", "text_encoder", "vae_5b"];
  /** @type {Part[]} */
  const loras = quality === "fast" ? ["lora_high", "lora_low"] : [];
  return ["high_noise", "low_noise", ...loras, "text_encoder", "vae"];
}

/**
 * Picks a file for each part: the given one, else that of the last time, else the best match.
 *
 * @param {Library} library
 * @param {Partial<Models>} given
 * @param {Partial<Models>} remembered
 * @returns {Models} "" where there is none.
 */
export function pickModels(library, given, remembered) {
  const picked = Object.entries(library).map(([part, { files, all }]) => {
    const wishes = [given[/** @type {Part} */ (part)], remembered[/** @type {Part} */ (part)]];
    const there = wishes.find((file) => file && all.includes(file));
    return [part, there ?? files[0] ?? ""];
  });
  return /** @type {Models} */ (Object.fromEntries(picked));
}

/**
 * The files that a clip needs and the server lacks.
 *
 * @param {Library} library
 * @param {Models} models
 * @param {Pick<FormValues, "family" | "quality">} shot
 * @returns {{part: Part, folder: string, name: string, url: string}[]} With where to
 *   download each and put it.
 */
export function missingModels(library, models, shot) {
  return neededParts(shot)
    .filter((part) => !models[part] || !library[part]?.all.includes(models[part]))
    .map((part) => {
      const { folder = "", wanted = { name: part, url: "" } } = library[part] ?? {};
      return { part, folder, name: wanted.name, url: wanted.url };
    });
}

/**
 * The files of a menu: those that fit, and the others.
 *
 * @param {PartFiles} files
 * @returns {{fitting: string[], others: string[]}}
 */
export function choices({ files, all }) {
  return { fitting: files, others: all.filter((file) => !files.includes(file)) };
}
