// Calls a task again and again: soon while somebody looks, later while nobody does,
// and ever later while it fails.

import { delayAfter } from "./logic/backoff.js";

const VISIBLE_MS = 1500;
const HIDDEN_MS = 5000;

export class Poller {
  #task;
  #stopped = false;
  #failures = 0;
  #awake = false;
  #endPause = () => {};

  // `task` resolves to null when it went well, and to an error when not.
  constructor(task) {
    this.#task = task;
  }

  async start() {
    const wake = () => this.now();
    document.addEventListener("visibilitychange", wake);
    addEventListener("online", wake);
    addEventListener("offline", wake);
    while (!this.#stopped) {
      this.#awake = false;
      const error = await this.#task();
      this.#failures = error ? this.#failures + 1 : 0;
      if (!this.#awake) await this.#pause(this.#delay(error));
    }
    document.removeEventListener("visibilitychange", wake);
    removeEventListener("online", wake);
    removeEventListener("offline", wake);
  }

  // Without a pause, also when a round is under way: that one may have been too early.
  now() {
    this.#awake = true;
    this.#endPause();
  }

  stop() {
    this.#stopped = true;
    this.now();
  }

  #delay(error) {
    if (error) return delayAfter(this.#failures, { retryAfter: error.retryAfter });
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
