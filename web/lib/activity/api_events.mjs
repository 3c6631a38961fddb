// @ts-check
/** Turns ComfyUI's websocket messages into events of jobs. */
import { clipOf, failureOf } from "./prompt.mjs";

/** @typedef {import("../comfy/host.mjs").Host} Host */
/** @typedef {import("./job_state.mjs").Event} Event */

/**
 * @typedef {object} Handlers
 * @property {(id: string, event: Event) => void} onEvent An event of a job, ours or not.
 * @property {(id: string, picture: Blob) => void} onPreview
 * @property {() => void} onQueueChange
 * @property {(connected: boolean) => void} onConnection The connection was lost or is back.
 * @property {() => string | null} runningJob The job that runs, where only one of ours does.
 * @property {import("./clock.mjs").ServerClock} clock
 * @property {() => number} now This machine's clock, ms.
 */

/**
 * @param {Host} host
 * @param {Handlers} handlers
 * @returns {() => void} Stops listening.
 */
export function listenToApi(host, handlers) {
  const { clock, onEvent, now } = handlers;
  /** The prompt that began last: "executing" does not carry its id. @type {string | null} */
  let current = null;

  /**
   * @param {string} name
   * @param {(detail: any) => any} event Makes the event out of the message.
   */
  const on = (name, event) =>
    host.on(name, (detail) => {
      const id = detail?.prompt_id;
      if (typeof id === "string" && id) onEvent(id, { at: now(), ...event(detail) });
    });
  const ended = (/** @type {any} */ { prompt_id: id }) => {
    if (current === id) current = null;
  };

  const stops = [
    host.on("execution_start", (detail) => {
      current = detail?.prompt_id ?? null;
      if (detail?.timestamp) clock.observe(detail.timestamp, now());
    }),
    on("execution_start", () => ({ type: "start" })),
    on("execution_cached", ({ nodes }) => ({ type: "cached", nodes: (nodes ?? []).map(String) })),
    // The front end passes only the node's id on, null at the end of a prompt.
    host.on("executing", (node) => {
      if (node === null || node === undefined) {
        current = null;
        handlers.onQueueChange();
        return;
      }
      const id = current ?? handlers.runningJob();
      if (id) onEvent(id, { type: "executing", node: String(node), at: now() });
    }),
    on("progress", ({ node, value, max }) => {
      return { type: "progress", node: String(node), value, max };
    }),
    on("executed", ({ node, output }) => {
      return { type: "executed", clip: clipOf({ [String(node)]: output }) };
    }),
    on("execution_success", (detail) => (ended(detail), { type: "success" })),
    on("execution_error", (detail) => {
      ended(detail);
      return { type: "error", error: failureOf(detail) };
    }),
    on("execution_interrupted", (detail) => (ended(detail), { type: "interrupted" })),
    on("wanderlens.stage", (detail) => {
      if (detail.started) clock.observe(detail.started, now());
      return stageEvent(detail, clock);
    }),
    host.on("b_preview_with_metadata", (detail) => {
      const id = detail?.promptId ?? detail?.jobId; // in newer front ends
      if (id && detail.blob) handlers.onPreview(id, detail.blob);
    }),
    // The queue changed, whoever queued; null when the connection is lost.
    host.on("status", (detail) => {
      if (detail) handlers.onQueueChange();
    }),
    host.on("reconnecting", () => handlers.onConnection(false)),
    host.on("reconnected", () => handlers.onConnection(true)),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/**
 * @param {any} detail A stage, as in "wanderlens.stage" and `/wanderlens/activity`.
 * @param {import("./clock.mjs").ServerClock} clock
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
