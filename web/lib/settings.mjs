// @ts-check
/** The settings: defaults of the form "Convert to Video", and a few switches. */
import { FPS, QUALITIES, RESOLUTIONS } from "./workflows/choices.mjs";

const GROUP = "Wanderlens";
const FORM = "Convert to Video";

/** Ids of the settings with defaults of the form, by field. */
export const FORM_SETTINGS = {
  duration: "Wanderlens.Duration",
  family: "Wanderlens.Family",
  fps: "Wanderlens.Fps",
  include_image_prompt: "Wanderlens.IncludePrompt",
  include_image_style: "Wanderlens.IncludeStyle",
  loop: "Wanderlens.Loop",
  quality: "Wanderlens.Quality",
  resolution: "Wanderlens.Resolution",
};

export const NOTIFY = "Wanderlens.Notify";

/**
 * All settings, in English; ComfyUI translates them from our locales.
 *
 * @param {{onNotify: (on: boolean, before: boolean | undefined) => void}} handlers `onNotify` is
 *   called when notifications are switched.
 */
export function settings({ onNotify }) {
  return [
    {
      id: FORM_SETTINGS.fps,
      category: [GROUP, FORM, "Fps"],
      name: "Frames per second",
      tooltip: "16 is cinematic, 32 is fluid. 24 is what the 5B model makes by itself.",
      type: "combo",
      options: FPS.map((fps) => ({ text: `${fps} fps`, value: fps })),
      defaultValue: 16,
      sortOrder: 90,
    },
    {
      id: FORM_SETTINGS.duration,
      category: [GROUP, FORM, "Duration"],
      name: "Duration in seconds",
      tooltip: "Start short and extend the clip later; beyond 5 seconds it is several segments.",
      type: "slider",
      attrs: { min: 1, max: 30, step: 0.5 },
      defaultValue: 5,
      sortOrder: 80,
    },
    {
      id: FORM_SETTINGS.loop,
      category: [GROUP, FORM, "Loop"],
      name: "Loop",
      tooltip: "Make clips that repeat without a seam.",
      type: "boolean",
      defaultValue: false,
      sortOrder: 70,
    },
    {
      id: FORM_SETTINGS.resolution,
      category: [GROUP, FORM, "Resolution"],
      name: "Resolution",
      tooltip: "How large the frames are; their shape follows the picture.",
      type: "combo",
      options: RESOLUTIONS,
      defaultValue: "480p",
      sortOrder: 60,
    },
    {
      id: FORM_SETTINGS.quality,
      category: [GROUP, FORM, "Quality"],
      name: "Quality",
      tooltip: "Fast is 4 steps with the 4-step LoRAs, standard 20 steps, best 40.",
      type: "combo",
      options: QUALITIES,
      defaultValue: "standard",
      sortOrder: 50,
    },
    {
      id: FORM_SETTINGS.family,
      category: [GROUP, FORM, "Family"],
      name: "Model",
      tooltip: "A14B has two experts and the better motion; 5B is one smaller model.",
      type: "combo",
      options: [
        { text: "Wan 2.2 A14B", value: "a14b" },
        { text: "Wan 2.2 5B", value: "5b" },
      ],
      defaultValue: "a14b",
      sortOrder: 40,
    },
    {
      id: FORM_SETTINGS.include_image_prompt,
      category: [GROUP, FORM, "IncludePrompt"],
      name: "Include image prompt",
      tooltip: "Carry over the prompt that the picture was made with.",
      type: "boolean",
      defaultValue: true,
      sortOrder: 30,
    },
    {
      id: FORM_SETTINGS.include_image_style,
      category: [GROUP, FORM, "IncludeStyle"],
      name: "Include image style",
      tooltip: "Carry over the style that the picture was made with.",
      type: "boolean",
      defaultValue: true,
      sortOrder: 20,
    },
    {
      id: NOTIFY,
      category: [GROUP, "Activity", "Notify"],
      name: "Notify me when a clip is finished",
      tooltip: "While ComfyUI's page is in the background. The browser asks for permission once.",
      type: "boolean",
      defaultValue: false,
      onChange: onNotify,
    },
    {
      id: "Wanderlens.KeepLatents",
      category: [GROUP, "Server", "KeepLatents"],
      name: "Keep sampled latents, so that changing only the frame rate does not sample again",
      tooltip: "They lie in a folder of limited size; the oldest make room for new ones.",
      type: "boolean",
      defaultValue: true,
    },
    {
      id: "Wanderlens.ShortEncode",
      category: [GROUP, "Server", "ShortEncode"],
      name: "Encode no more grey frames than needed",
      tooltip:
        "Saves more than half of the encoding. Off, the latents are those of ComfyUI's own nodes, bit for bit.",
      type: "boolean",
      defaultValue: true,
    },
  ];
}
