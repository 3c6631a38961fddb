// @ts-check
/** The form's choices, equal to `wanderlens/workflows/choices.py`; a test compares them. */

export const FPS = [16, 24, 32];
export const RESOLUTIONS = ["480p", "580p", "720p", "match image"];
export const QUALITIES = ["fast", "standard", "best"];
export const FAMILIES = ["a14b", "5b"];
export const CONTEXT_FRAMES = [1, 5, 9, 13];
