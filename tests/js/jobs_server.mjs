// What tests of jobs stand on: a server like ComfyUI's, a browser's storage, and pages on both.
import { afterEach, beforeEach, mock } from "node:test";

import { Jobs } from "../../web/lib/activity/jobs.mjs";
import { HostError } from "../../web/lib/comfy/host.mjs";

export const PROMPT = {
  8: { class_type: "CinematicDirection", inputs: { direction: "slow push forward" } },
  11: {
    class_type: "Wan22ImageToVideo",
    inputs: { seed: 7, fps: 16, duration: 1, loop: false, resolution: "480p", quality: "fast" },
  },
  13: { class_type: "SaveVideo", inputs: {} },
};
export const OTHER = { 1: { class_type: "KSampler", inputs: {} } };
export const WORKFLOW = { nodes: [] };
export const CLIP = { filename: "wanderlens_00001_.mp4", subfolder: "video", type: "output" };
export const ORDER = { kind: "convert", title: "A push", prompt: PROMPT, workflow: WORKFLOW };

/** As much of the browser's storage as is used, shared by windows. */
export class Memory {
  items = new Map();
  room = Infinity;
  get length() {
    return this.items.size;
  }
  key(index) {
    return [...this.items.keys()][index] ?? null;
  }
  getItem(key) {
    return this.items.get(key) ?? null;
  }
  setItem(key, value) {
    const size = [...this.items].reduce((sum, [k, v]) => sum + (k === key ? 0 : v.length), 0);
    if (size + value.length > this.room) throw new Error("QuotaExceededError");
    this.items.set(key, value);
  }
  removeItem(key) {
    this.items.delete(key);
  }
}

/** A server like ComfyUI's, and the page's connection to it. */
export class Server {
  running = [];
  pending = [];
  history = {};
  clips = [];
  files = new Set();
  stages = [];
  asked = [];
  away = false;
  hasJobs = true;
  version = "0.8.0";
  refuse = null;
  /** What queueing waits for. */
  slow = null;
  listeners = new Map();
  number = 0;

  item(id, prompt, workflow = WORKFLOW) {
    this.number += 1;
    const extra = { extra_pnginfo: { workflow }, create_time: Date.now() };
    return [this.number, id, prompt, extra, ["13"]];
  }
  say(name, detail) {
    for (const handler of this.listeners.get(name) ?? []) handler(detail);
  }
  /** The next prompt begins. */
  begin({ silent = false } = {}) {
    const item = this.pending.shift();
    this.running = [item];
    if (!silent) this.say("execution_start", { prompt_id: item[1], timestamp: Date.now() });
    if (!silent) this.say("status", { exec_info: {} });
    return item[1];
  }
  /** The prompt that runs ends. */
  end({ silent = false, how = "execution_success", more = {}, clip = CLIP } = {}) {
    const [item] = this.running.splice(0);
    const data = { prompt_id: item[1], timestamp: Date.now(), ...more };
    const success = how === "execution_success";
    this.history[item[1]] = {
      prompt: item,
      outputs: success && clip ? { 13: { images: [clip], animated: [true] } } : {},
      status: {
        status_str: success ? "success" : "error",
        completed: success,
        messages: [["execution_start", { timestamp: Date.now() - 4000 }], [how, data]],
      },
    };
    if (silent) return;
    if (success && clip) {
      const output = { images: [clip], animated: [true] };
      this.say("executed", { node: "13", output, prompt_id: item[1] });
    }
    this.say(how, data);
    this.say("status", { exec_info: {} });
    this.say("executing", null);
  }
  restart() {
    this.running = [];
    this.pending = [];
    this.history = {};
  }

  answer(path, body) {
    const url = new URL(path, "http://x");
    const [, first, id] = url.pathname.split("/");
    if (first === "system_stats") return { system: { comfyui_version: this.version } };
    if (first === "jobs") {
      if (!this.hasJobs) throw new HostError("not found", 404);
      const unfinished = url.searchParams.get("status").includes("pending");
      const entry = (status) => (item) => ({ id: item[1], status, priority: item[0] });
      const jobs = unfinished
        ? [...this.running.map(entry("in_progress")), ...this.pending.map(entry("pending"))]
        : Object.values(this.history).map(({ prompt }) => entry("completed")(prompt)).reverse();
      return { jobs };
    }
    if (first === "queue" && body) {
      this.pending = this.pending.filter((item) => !body.delete.includes(item[1]));
      return null;
    }
    if (first === "queue") return { queue_running: this.running, queue_pending: this.pending };
    if (first === "interrupt") {
      if (this.running[0]?.[1] === body.prompt_id) this.interrupted = body.prompt_id;
      return null;
    }
    if (first === "history") {
      const most = Number(url.searchParams.get("max_items") ?? Infinity);
      if (!id) return Object.fromEntries(Object.entries(this.history).slice(-most));
      return this.history[id] ? { [id]: this.history[id] } : {};
    }
    if (path === "/wanderlens/activity") return { running: this.stages };
    if (path === "/wanderlens/clips") return { clips: this.clips };
    throw new HostError("not found", 404);
  }

  host() {
    const reply = async (path, body) => {
      this.asked.push(body === undefined ? path : `POST ${path}`);
      if (this.away) throw new HostError("ComfyUI's server does not answer.", 0);
      return structuredClone(this.answer(path, body));
    };
    return {
      getJson: (path) => reply(path),
      postJson: (path, body) => reply(path, body),
      request: async (path) => {
        await reply("/queue");
        const name = new URL(path, "http://x").searchParams.get("filename");
        if (!this.files.has(name)) throw new HostError("not found", 404);
      },
      queue: async ({ prompt, workflow, promptId }) => {
        await this.slow;
        if (this.refuse) throw this.refuse;
        this.pending.push(this.item(promptId, prompt, workflow));
        this.say("status", { exec_info: {} });
      },
      on: (name, handler) => {
        this.listeners.set(name, [...(this.listeners.get(name) ?? []), handler]);
        return () => {
          const others = this.listeners.get(name).filter((each) => each !== handler);
          this.listeners.set(name, others);
        };
      },
    };
  }
}

export const settle = async () => {
  for (let i = 0; i < 60; i += 1) await Promise.resolve();
};

/** Lets time pass. */
export async function pass(milliseconds) {
  await settle();
  for (let at = 0; at < milliseconds; at += 100) {
    mock.timers.tick(100);
    await settle();
  }
}

/** The test's server and storage, new for each test of a file that calls `useJobs`. */
export let server;
export let storage;
/** @type {Set<Jobs>} */
let opened;

/** Gives each test of a file a server, a storage and a clock that stands still. */
export function useJobs() {
  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_700_000_000_000 });
    server = new Server();
    storage = new Memory();
    opened = new Set();
  });
  afterEach(() => {
    for (const jobs of opened) jobs.stop();
    mock.timers.reset();
  });
}

/** A page, not loaded yet: its jobs start with `start`. */
export function newPage(kept = storage) {
  const jobs = new Jobs(server.host(), kept);
  opened.add(jobs);
  return jobs;
}

/** A page that is loaded. */
export async function open(kept = storage) {
  const jobs = newPage(kept);
  jobs.start();
  await settle();
  return jobs;
}

/** The page is closed; the server does not hear of it. */
export function close(jobs) {
  jobs.stop();
  opened.delete(jobs);
}
