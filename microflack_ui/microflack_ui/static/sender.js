// Sends the outbox, one message after the other: they arrive as they were written.

import { delayAfter } from "./logic/backoff.js";
import * as outbox from "./logic/outbox.js";

const ATTEMPTS = 3;

export class Sender {
  #api;
  #store;
  #events;
  #sending = false;
  #stopped = false;

  // `events`: keep(outbox), stored(message), expired().
  constructor({ api, store, events }) {
    this.#api = api;
    this.#store = store;
    this.#events = events;
  }

  send(source) {
    const item = { key: newKey(), source, at: Math.floor(Date.now() / 1000) };
    this.#change(outbox.enqueue(this.#outbox, item));
    this.flush();
  }

  retry(key) {
    this.#change(outbox.mark(this.#outbox, key, "sending"));
    this.flush();
  }

  discard(key) {
    this.#change(outbox.without(this.#outbox, key));
  }

  stop() {
    this.#stopped = true;
  }

  async flush() {
    if (this.#sending) return;
    this.#sending = true;
    let item;
    while (!this.#stopped && (item = outbox.nextToSend(this.#outbox))) {
      await this.#deliver(item);
    }
    this.#sending = false;
  }

  // Repeating is safe: the key makes the server store the message once.
  async #deliver({ key, source }) {
    for (let attempt = 1; !this.#stopped; attempt += 1) {
      try {
        const message = await this.#api.postMessage(source, key);
        if (!this.#stopped) this.#stored(key, message);
        return;
      } catch (error) {
        if (this.#stopped || this.#gaveUp(key, error, attempt)) return;
        await pause(delayAfter(attempt, error));
      }
    }
  }

  #stored(key, message) {
    this.#change(outbox.without(this.#outbox, key));
    this.#events.stored(message);
  }

  #gaveUp(key, error, attempt) {
    if (error.status === 401) {
      // It stays in the outbox and goes out when its author is back.
      this.#stopped = true;
      this.#events.expired();
      return true;
    }
    const refused = outbox.isRefusal(error.status);
    if (!refused && attempt < ATTEMPTS && navigator.onLine) return false;
    const state = refused ? "refused" : "failed";
    this.#change(outbox.mark(this.#outbox, key, state, error.message));
    return true;
  }

  get #outbox() {
    return this.#store.get().outbox;
  }

  #change(items) {
    this.#store.set({ outbox: items });
    this.#events.keep(items);
  }
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

// Not crypto.randomUUID: browsers have it on https and localhost only.
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
