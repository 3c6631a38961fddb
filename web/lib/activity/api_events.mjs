// @ts-check
/** Turns ComfyUI's messages into events of jobs. */
import { clipOf, failureOf } from "./prompt.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("./job_state.mjs").Event} Event */

/**
 * @typedef {object} Ear Who is told.
 * @property {(id: string, event: Event) => void} hear Of an event of a job, ours or not.
 * @property {(id: string, picture: Blob) => void} see Of a preview.
 * @property {() => void} change That the queue has changed.
 * @property {(connected: boolean) => void} connection That it was lost or is back.
 * @property {() => string | null} running Which job runs, where only one of ours does.
 * @property {import("./clock.mjs").Clock} clock The server's clock.
 * @property {() => number} now
 */

/**
 * Listens until it is stopped.
 *
 * @param {Host} host ComfyUI.
 * @param {Ear} ear Who is told.
 * @returns {() => void} Stops it.
 */
export function listen(host, ear) {
  const { clock, hear, now } = ear;
  /** The prompt that began last; messages on nodes do not say theirs. @type {string | null} */
  let current = null;

  /**
   * @param {string} name
   * @param {(detail: any) => any} event
   */
  const on = (name, event) =>
    host.on(name, (detail) => {
      const id = detail?.prompt_id;
      if (typeof id === "string" && id) hear(id, { at: now(), ...event(detail) });
    });
  const ends = (/** @type {any} */ { prompt_id: id }) => {
    if (current === id) current = null;
  };

  const stops = [
    host.on("execution_start", (detail) => {
      current = detail?.prompt_id ?? null;
      if (detail?.timestamp) clock.hear(detail.timestamp, now());
    }),
    on("execution_start", () => ({ type: "start" })),
    on("execution_cached", ({ nodes }) => ({ type: "cached", nodes: (nodes ?? []).map(String) })),
    // The front end passes only the node's id on, null at the end of a prompt.
    host.on("executing", (node) => {
      if (node === null || node === undefined) {
        current = null;
        ear.change();
        return;
      }
      const id = current ?? ear.running();
      if (id) hear(id, { type: "executing", node: String(node), at: now() });
    }),
    on("progress", ({ node, value, max }) => {
      return { type: "progress", node: String(node), value, max };
    }),
    on("executed", ({ node, output }) => {
      return { type: "executed", clip: clipOf({ [String(node)]: output }) };
    }),
    on("execution_success", (detail) => (ends(detail), { type: "success" })),
    on("execution_error", (detail) => {
      ends(detail);
      return { type: "error", error: failureOf(detail) };
    }),
    on("execution_interrupted", (detail) => (ends(detail), { type: "interrupted" })),
    on("wanderlens.stage", (detail) => {
      if (detail.started) clock.hear(detail.started, now());
      return stageEvent(detail, clock);
    }),
    host.on("b_preview_with_metadata", (detail) => {
      const id = detail?.promptId ?? detail?.jobId; // newer front ends call it so
      if (id && detail.blob) ear.see(id, detail.blob);
    }),
    // The queue changed, for whichever window; null when the connection is lost.
    host.on("status", (detail) => {
      if (detail) ear.change();
    }),
    host.on("reconnecting", () => ear.connection(false)),
    host.on("reconnected", () => ear.connection(true)),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/**
 * @param {any} detail A stage, as our routes tell it.
 * @param {import("./clock.mjs").Clock} clock The server's clock.
 */
export function stageEvent(detail, clock) {
  return {
    type: /** @type {const} */ ("stage"),
    node: String(detail.node),
    stage: String(detail.stage),
    shot: detail.shot ?? 1,
    shots: detail.shots ?? 1,
    stamp: detail.started ?? 0,
    since: clock.local(detail.started),
    started: clock.local(detail.job_started ?? detail.started),
  };
}
