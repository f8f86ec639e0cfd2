// Repeats a task: often while somebody looks, less often while nobody does, rarely
// while events arrive by themselves, and ever more rarely while it fails.

import { jitter, retryDelay } from "../logic/backoff.js";

const VISIBLE_INTERVAL_MS = 1500;
const HIDDEN_INTERVAL_MS = 5000;
// With live events, only to be sure. Not all pages in the same second.
const LIVE_INTERVAL_MS = 45_000;
const LIVE_JITTER_MS = 30_000;
const SOON_MS = 500;

export class Poller {
  #task;
  #isLive;
  #stopped = false;
  #failures = 0;
  #runAgain = false;
  #soonTimer = null;
  #endPause = () => {};

  // `task` resolves to an error, or to null when all went well. `isLive` says whether
  // events arrive by themselves.
  constructor({ task, isLive }) {
    this.#task = task;
    this.#isLive = isLive;
  }

  async start() {
    while (!this.#stopped) {
      this.#runAgain = false;
      this.#cancelSoon();
      const error = await this.#task();
      this.#failures = error ? this.#failures + 1 : 0;
      if (!this.#runAgain) await this.#pause(this.#delayAfter(error));
    }
    this.#cancelSoon();
  }

  // Does not wait. When the task is running it runs once more, since it may have asked
  // too early.
  pollNow() {
    this.#runAgain = true;
    this.#endPause();
  }

  // The same, unless it waits because it has failed.
  pollUnlessFailing() {
    if (!this.#failures) this.pollNow();
  }

  // Waits a moment, which is not the same for all pages.
  pollSoon() {
    this.#soonTimer ??= setTimeout(() => this.pollNow(), SOON_MS + jitter());
  }

  stop() {
    this.#stopped = true;
    this.pollNow();
  }

  #cancelSoon() {
    clearTimeout(this.#soonTimer);
    this.#soonTimer = null;
  }

  #delayAfter(error) {
    if (error) return retryDelay(this.#failures, { retryAfter: error.retryAfter });
    if (this.#isLive()) return LIVE_INTERVAL_MS + LIVE_JITTER_MS * Math.random();
    return document.hidden ? HIDDEN_INTERVAL_MS : VISIBLE_INTERVAL_MS;
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
