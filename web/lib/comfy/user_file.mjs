// @ts-check
/** Changes single keys of JSON files in ComfyUI's user folder. */

/** @typedef {import("./host.mjs").Host} Host */

/** The pending change of each file. @type {WeakMap<Host, Map<string, Promise<unknown>>>} */
const changes = new WeakMap();

/**
 * Changes one key of a file; its other keys stay. Changes of a file run one after the other, also
 * those of other tabs where the browser has locks.
 *
 * @param {Host} host
 * @param {string} path Such as "favourites.json".
 * @param {string} key
 * @param {(value: any) => any} change Gets the old value, undefined at first; returns the new one.
 * @returns {Promise<any>} The new value.
 */
export function changeUserFile(host, path, key, change) {
  const ofHost = changes.get(host) ?? new Map();
  changes.set(host, ofHost);
  const before = ofHost.get(path) ?? Promise.resolve();
  const work = async () => {
    const file = await host.readUserFile(path);
    const whole = file !== null && typeof file === "object" && !Array.isArray(file) ? file : {};
    const value = change(whole[key]);
    await host.writeUserFile(path, { ...whole, [key]: value });
    return value;
  };
  const next = before.catch(() => {}).then(() => locked(host, `wanderlens/${path}`, work));
  ofHost.set(path, next.catch(() => {}));
  return next;
}

/**
 * @param {Host} host
 * @param {string} name
 * @param {() => Promise<any>} work
 */
function locked(host, name, work) {
  const locks = host.page?.defaultView?.navigator?.locks; // undefined in an insecure context
  return locks ? locks.request(name, work) : work();
}
