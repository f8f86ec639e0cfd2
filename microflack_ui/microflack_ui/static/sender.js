// Sends the messages of the outbox one after the other: they arrive in the order in
// which they were written. What cannot be sent waits, and all that was written after it.

import { retryDelay } from "./logic/backoff.js";
import * as outbox from "./logic/outbox.js";
import { randomId } from "./tabs.js";

// Some 15 s in all: an instance that died is back by then, on a busy machine, too.
const MAX_ATTEMPTS = 5;

export class Sender {
  #api;
  #store;
  #handlers;
  #sending = false;
  #stopped = false;

  // `handlers`: outboxChanged(outbox), sending(), answered(message) (without a message
  // when none was stored, or nobody knows), tokenExpired().
  constructor({ api, store, handlers }) {
    this.#api = api;
    this.#store = store;
    this.#handlers = handlers;
  }

  // `message` is { source, roomId, replyTo, files }.
  send(message) {
    this.#setOutbox(outbox.enqueue(this.#outbox, randomId(), message));
    this.flush();
  }

  discard(key) {
    this.#setOutbox(outbox.without(this.#outbox, key));
  }

  stop() {
    this.#stopped = true;
  }

  // Sends all that is not sent yet. What failed before is tried again.
  async flush() {
    if (this.#sending || this.#stopped) return;
    this.#sending = true;
    this.#setOutbox(outbox.withAllTriedAgain(this.#outbox));
    let item;
    while (!this.#stopped && (item = outbox.nextToSend(this.#outbox))) {
      this.#handlers.sending();
      await this.#deliver(item);
    }
    this.#sending = false;
  }

  // Repeating is safe: the key makes the server store the message once.
  async #deliver(item) {
    const { key } = item;
    for (let attempt = 1; !this.#stopped; attempt += 1) {
      try {
        const message = await this.#api.postMessage(item);
        if (!this.#stopped) this.#finish(outbox.without(this.#outbox, key), message);
        return;
      } catch (error) {
        if (this.#stopped) return;
        if (error.status === 401) return this.#expire();
        if (!mayTryAgain(error, attempt)) return this.#fail(key, error);
        await pause(retryDelay(attempt, { retryAfter: error.retryAfter }));
      }
    }
  }

  #finish(items, message = null) {
    this.#setOutbox(items);
    this.#handlers.answered(message);
  }

  // The message stays in the outbox, and goes out when its author signs in again.
  #expire() {
    this.#stopped = true;
    this.#handlers.tokenExpired();
  }

  #fail(key, { status, message }) {
    const items = outbox.isRefusal(status)
      ? outbox.withRefused(this.#outbox, key, message)
      : outbox.withAllFailed(this.#outbox, message);
    this.#finish(items);
  }

  get #outbox() {
    return this.#store.get().outbox;
  }

  #setOutbox(items) {
    this.#store.set({ outbox: items });
    this.#handlers.outboxChanged(items);
  }
}

function mayTryAgain(error, attempt) {
  return !outbox.isRefusal(error.status) && attempt < MAX_ATTEMPTS && navigator.onLine;
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
