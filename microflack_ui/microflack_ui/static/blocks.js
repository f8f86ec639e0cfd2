// Whom somebody has blocked: the service keeps the list, and only this page acts on it.

import * as storage from "./storage.js";

const CONNECTED = ["online", "polling"];

export class Blocks {
  #accounts;
  #store;
  #stop;
  #connection = null;

  // `accounts` are its own, and closed with it.
  constructor({ accounts, store }) {
    this.#accounts = accounts;
    this.#store = store;
    // Nothing is shown before the answer that the last visit did not show.
    const known = storage.blocked.get(this.#userId);
    if (known) this.#store.set({ blocked: new Set(known) });
    this.#stop = store.subscribe(() => this.#follow());
  }

  stop() {
    this.#stop();
    this.#accounts.close();
  }

  hear(events) {
    const told = events.findLast(({ kind }) => kind === "Blocked");
    if (told) this.#keep(told.model.user_ids);
  }

  // These throw an ApiError that says why it was not done.
  block = async (id) => {
    await this.#accounts.block(id);
    this.#keep([...this.#store.get().blocked, id]);
  };

  unblock = async (id) => {
    await this.#accounts.unblock(id);
    this.#keep([...this.#store.get().blocked].filter((one) => one !== id));
  };

  // After each gap, in which something may have been missed.
  #follow() {
    const { connection } = this.#store.get();
    if (connection === this.#connection) return;
    this.#connection = connection;
    if (CONNECTED.includes(connection)) this.#load();
  }

  async #load() {
    try {
      this.#keep(await this.#accounts.blocked());
    } catch {
      // What is known stays. An older users service does not know it at all.
    }
  }

  #keep(ids) {
    const { userId } = this.#store.get();
    if (!userId) return;
    storage.blocked.set(userId, ids);
    this.#store.set({ blocked: new Set(ids) });
  }

  get #userId() {
    return this.#store.get().userId;
  }
}
