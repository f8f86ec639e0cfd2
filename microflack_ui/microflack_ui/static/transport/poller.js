// Calls a task again and again: soon while somebody looks, later while nobody does,
// rarely while news come by themselves, and ever later while it fails.

import { delayAfter, spreadDelay } from "../logic/backoff.js";

const VISIBLE_MS = 1500;
const HIDDEN_MS = 5000;
// Only to be sure, and not everybody in the same second.
const LIVE_MS = 45_000;
const LIVE_SPREAD_MS = 30_000;
const SOON_MS = 500;

export class Poller {
  #task;
  #isLive;
  #stopped = false;
  #failures = 0;
  #awake = false;
  #soon = null;
  #endPause = () => {};

  // `task` resolves to null when it went well, and to an error when not; `isLive` says
  // whether news come by themselves.
  constructor(task, isLive) {
    this.#task = task;
    this.#isLive = isLive;
  }

  async start() {
    while (!this.#stopped) {
      this.#awake = false;
      this.#forgetSoon();
      const error = await this.#task();
      this.#failures = error ? this.#failures + 1 : 0;
      if (!this.#awake) await this.#pause(this.#delay(error));
    }
    this.#forgetSoon();
  }

  // Without a pause, also when a round is under way: that one may have been too early.
  now() {
    this.#awake = true;
    this.#endPause();
  }

  // In a moment, and not all pages in the same.
  soon() {
    this.#soon ??= setTimeout(() => this.now(), SOON_MS + spreadDelay());
  }

  stop() {
    this.#stopped = true;
    this.now();
  }

  #forgetSoon() {
    clearTimeout(this.#soon);
    this.#soon = null;
  }

  #delay(error) {
    if (error) return delayAfter(this.#failures, { retryAfter: error.retryAfter });
    if (this.#isLive()) return LIVE_MS + LIVE_SPREAD_MS * Math.random();
    return document.hidden ? HIDDEN_MS : VISIBLE_MS;
  }

  #pause(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
