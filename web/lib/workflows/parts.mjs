// @ts-check
/** The parts that the workflows have in common: the words, the models, the preset. */
import { addGroup, addNode, fill, link, loadTemplate, nodeOf, nodesOf, removeNode, shift } from
  "./template.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("./template.mjs").Template} Template */
/** @typedef {import("../convert/form.mjs").FormValues} FormValues */

/** Bundled workflows, by what they show. */
export const A14B = "Image to video A14B";
export const A14B_FAST = "Image to video A14B 4 steps";
export const ONE_MODEL = "Image to video 5B";
const WITH_PRESET = "Preset and custom direction";

export const EXTENSION = { type: "FrameContinuityExtend" };
const DIRECTION = { type: "CinematicDirection" };

/** Colours of groups, as in the bundled workflows. */
export const COLORS = {
  source: "#3f789e",
  models: "#8A8A8A",
  direction: "#88AA88",
  video: "#b06634",
};

/**
 * @param {Template} template It is changed.
 * @param {FormValues} values
 * @param {boolean} loop Whether the moves are to end where they begin.
 */
export function fillDirection(template, values, loop) {
  const { direction, camera, pacing, look, negative } = values;
  const { include_image_prompt, include_image_style } = values;
  fillEach(template, DIRECTION, {
    direction, camera, pacing, look, include_image_prompt, include_image_style, negative, loop,
  });
}

/**
 * Names the files of the loaders that there are.
 *
 * @param {Template} template It is changed.
 * @param {FormValues} values A model that is not chosen stays the template's.
 */
export function fillModels(template, { family, models }) {
  const small = family === "5b";
  const loaders = [
    { type: "UNETLoader", title: /^High/, input: "unet_name", value: models.high_noise },
    { type: "UNETLoader", title: /^Low/, input: "unet_name", value: models.low_noise },
    { type: "UNETLoader", title: /5B$/, input: "unet_name", value: models.one_model },
    { type: "CLIPLoader", title: /./, input: "clip_name", value: models.text_encoder },
    { type: "VAELoader", title: /./, input: "vae_name", value: small ? models.vae_5b : models.vae },
    { type: "LoraLoaderModelOnly", title: /high/, input: "lora_name", value: models.lora_high },
    { type: "LoraLoaderModelOnly", title: /low/, input: "lora_name", value: models.lora_low },
  ];
  for (const { type, title, input, value } of loaders) {
    if (!value) continue;
    for (const node of nodesOf(template, type)) {
      if (title.test(node.title)) fill(template, [{ node, input, value }]);
    }
  }
}

/**
 * Puts the preset that is chosen before the direction. Its fps, duration and loop stay the form's.
 *
 * @param {Host} host
 * @param {Template} template It is changed.
 * @param {FormValues} values
 */
export async function addPreset(host, template, { preset, intensity }) {
  if (!preset) return;
  const from = await loadTemplate(host, WITH_PRESET);
  const direction = nodeOf(template, DIRECTION);
  const size = nodeOf(from, { type: "PresetSelector" }).size;
  const [left, top] = direction.pos;
  // Its column makes room: the selector stands over the direction, in a group of its own.
  const below = size[1] + 130;
  const column = (/** @type {number} */ x) => x >= left - 14 && x < left + direction.size[0];
  for (const node of template.workflow.nodes) if (column(node.pos[0])) node.pos[1] += below;
  for (const group of template.workflow.groups) {
    if (column(group.bounding[0])) group.bounding[1] += below;
  }
  const selector = addNode(template, from, { type: "PresetSelector" }, { pos: [left, top] });
  selector.size[0] = direction.size[0];
  fillEach(template, selector, { preset, intensity });
  link(template, selector, "direction", direction, "preset");
  addGroup(template, "Preset", [selector], COLORS.direction);
}

/**
 * The 4-step LoRAs, for a workflow that has none.
 *
 * @param {Template} template It is changed.
 * @param {Template} from The workflow that has them.
 */
export function addLoras(template, from) {
  const made = nodeOf(template, EXTENSION);
  const [high, low] = ["High-noise expert", "Low-noise expert"].map((title) =>
    nodeOf(template, { type: "UNETLoader", title }));
  const width = high.size[0] + 52;
  const left = high.pos[0] + width;
  shift(template, left - 14, width);
  const pairs = [
    { expert: high, title: "4-step LoRA, high noise", input: "high_noise" },
    { expert: low, title: "4-step LoRA, low noise", input: "low_noise" },
  ];
  const added = pairs.map(({ expert, title, input }) => {
    const which = { type: "LoraLoaderModelOnly", title };
    const lora = addNode(template, from, which, { pos: [left, expert.pos[1]] });
    link(template, expert, "MODEL", lora, "model");
    link(template, lora, "MODEL", made, input);
    return lora;
  });
  addGroup(template, "4 steps", added, COLORS.models);
}

/**
 * The 5B model in the place of the two experts.
 *
 * @param {Template} template It is changed.
 * @param {Template} from The workflow that has it.
 */
export function oneModel(template, from) {
  const made = nodeOf(template, EXTENSION);
  const [high, low] = ["High-noise expert", "Low-noise expert"].map((title) =>
    nodeOf(template, { type: "UNETLoader", title }));
  const vae = nodeOf(template, { type: "VAELoader" });
  const model = addNode(template, from, { type: "UNETLoader" }, { pos: high.pos });
  const other = addNode(template, from, { type: "VAELoader" }, { pos: vae.pos });
  for (const node of [high, low, vae]) removeNode(template, node);
  link(template, model, "MODEL", made, "high_noise");
  link(template, other, "VAE", made, "vae");
}

/**
 * @param {Template} template It is changed.
 * @param {any} which A node, or which one it is.
 * @param {Record<string, any>} values By widget.
 */
export function fillEach(template, which, values) {
  const node = which.id === undefined ? nodeOf(template, which) : which;
  fill(template, Object.entries(values).map(([input, value]) => ({ node, input, value })));
}
