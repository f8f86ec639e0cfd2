// What somebody does with messages that are there.

import { lastMessageOf } from "../logic/conversation.js";
import { nicknameOf } from "../logic/people.js";

export class MessageActions {
  #api;
  #store;
  #handlers;

  // `handlers`: changed() when the server has changed something, tokenExpired().
  constructor({ api, store, handlers }) {
    this.#api = api;
    this.#store = store;
    this.#handlers = handlers;
  }

  startEditing = (id) => this.#store.set({ editingId: id });
  stopEditing = () => this.#store.set({ editingId: null });

  editLastMessage = () => {
    const { conversation, userId } = this.#store.get();
    const message = lastMessageOf(conversation, userId);
    if (message) this.startEditing(message.id);
  };

  namesOf = (userIds) => {
    const { people } = this.#store.get();
    return userIds.map((id) => nicknameOf(people, id)).join(", ");
  };

  // These throw an ApiError that says why it was not done.
  saveEdit = async (id, source) => {
    await this.#do(() => this.#api.editMessage(id, source));
    if (this.#store.get().editingId === id) this.stopEditing();
  };

  remove = (id) => this.#do(() => this.#api.deleteMessage(id));

  react = (id, emoji, isOn) => this.#do(() => this.#api.react(id, emoji, isOn));

  search = (words, roomId) => this.#api.search(words, roomId);

  async #do(task) {
    try {
      await task();
    } catch (error) {
      if (error.status === 401) this.#handlers.tokenExpired();
      throw error;
    }
    this.#handlers.changed();
  }
}
