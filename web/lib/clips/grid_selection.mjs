// @ts-check
/** Which clips of the grid are selected, in the order they were selected. */
import { clipKey } from "./select.mjs";

/** @typedef {import("./store.mjs").Clip} Clip */

export class GridSelection {
  /** @param {(clips: Clip[]) => void} onChange Called with the selected clips. */
  constructor(onChange) {
    this._onChange = onChange;
    /** @type {readonly Clip[]} */
    this._list = [];
    /** @type {Map<string, Clip>} */
    this._selected = new Map();
    /** Index in the list where a selection with Shift starts. */
    this.anchor = 0;
  }

  get size() {
    return this._selected.size;
  }

  get clips() {
    return [...this._selected.values()];
  }

  /** @returns {Map<string, number>} Places of the selected clips from 1, by key. */
  places() {
    return new Map([...this._selected.keys()].map((key, index) => [key, index + 1]));
  }

  /**
   * @param {readonly Clip[]} list All clips of the grid.
   * @param {number} anchor
   * @returns {boolean} Whether selected ones are no longer in the list; `onChange` is not called.
   */
  setList(list, anchor) {
    const { clips } = this;
    const byKey = new Map(list.map((clip) => [clipKey(clip), clip]));
    const left = clips.map((clip) => byKey.get(clipKey(clip))).filter((clip) => clip !== undefined);
    this._list = list;
    this._selected = new Map(left.map((clip) => [clipKey(clip), clip]));
    this.anchor = anchor;
    return left.length !== clips.length;
  }

  /** @param {readonly Clip[]} clips To be selected, in this order; no others. */
  set(clips) {
    this._selected = new Map(clips.map((clip) => [clipKey(clip), clip]));
    this._onChange(this.clips);
  }

  /** @param {number} index */
  toggle(index) {
    const clip = this._list[index];
    if (!this._selected.delete(clipKey(clip))) this._selected.set(clipKey(clip), clip);
    this.anchor = index;
    this._onChange(this.clips);
  }

  /** @param {number} index Selects from the anchor up to this one, in this order. */
  extendTo(index) {
    const step = index < this.anchor ? -1 : 1;
    for (let at = this.anchor; at !== index + step; at += step) {
      this._selected.set(clipKey(this._list[at]), this._list[at]);
    }
    this._onChange(this.clips);
  }
}
