// @ts-check
/** JSON files of the user's that several parts of the page write a key each into. */

/** @typedef {import("./host.mjs").Host} Host */

/** @type {WeakMap<Host, Map<string, Promise<unknown>>>} The last change of each file under way. */
const changes = new WeakMap();

/**
 * Changes one key of a file; what others have written under other keys stays. Changes of a file
 * follow one another, also those of other windows where the browser has locks.
 *
 * @param {Host} host
 * @param {string} path Such as "favourites.json".
 * @param {string} key
 * @param {(value: any) => any} change What it is to hold, from what it holds; undefined at first.
 * @returns {Promise<any>} What the key holds now.
 */
export function changeUserFile(host, path, key, change) {
  const ofHost = changes.get(host) ?? new Map();
  changes.set(host, ofHost);
  const before = ofHost.get(path) ?? Promise.resolve();
  const work = async () => {
    const found = await host.readUserFile(path);
    const whole = found !== null && typeof found === "object" && !Array.isArray(found) ? found : {};
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
  const locks = host.page?.defaultView?.navigator?.locks; // none where the page is not secure
  return locks ? locks.request(name, work) : work();
}
