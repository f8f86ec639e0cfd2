// The messages that others answer to and that are not loaded: each is asked for once.

import { find } from "./logic/conversation.js";

const NOT_THERE = [403, 404];

export class Quotes {
  #api;
  #store;
  #looked = null;
  #asked = new Set();

  constructor({ api, store }) {
    this.#api = api;
    this.#store = store;
  }

  // Whenever the conversation may have changed.
  update() {
    const { conversation } = this.#store.get();
    if (conversation === this.#looked) return;
    this.#looked = conversation;
    for (const { reply_to: id } of conversation.messages)
      if (id && !this.#asked.has(id) && !find(conversation, id)) this.#ask(id);
  }

  // One that was changed or deleted is quoted so, too.
  hear(message) {
    if (this.#store.get().quoted.has(message.id)) this.#keep(message.id, message);
  }

  async #ask(id) {
    this.#asked.add(id);
    try {
      this.#keep(id, await this.#api.message(id));
    } catch (error) {
      if (NOT_THERE.includes(error.status)) this.#keep(id, null);
      else this.#asked.delete(id);
    }
  }

  #keep(id, message) {
    const { quoted } = this.#store.get();
    this.#store.set({ quoted: new Map(quoted).set(id, message) });
  }
}
