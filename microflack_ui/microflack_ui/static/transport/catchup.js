// Fetches what has changed since the last time, however long ago that was.

import { pollSince } from "../logic/changes.js";
import { MAX_ID, PAGE_SIZE } from "../logic/conversation.js";
import { ApiError } from "./api.js";

export class CatchUp {
  #api;
  #store;
  #reducer;
  #stopped = false;

  constructor({ api, store, reducer }) {
    this.#api = api;
    this.#store = store;
    this.#reducer = reducer;
  }

  stop() {
    this.#stopped = true;
  }

  // Resolves to a list of errors. What was fetched is kept when the rest fails.
  async fetchChanges() {
    const results = await Promise.allSettled([
      this.#fetchUsers(),
      this.#fetchMessages(),
    ]);
    const errors = results
      .filter((result) => result.reason)
      .map((result) => result.reason);
    for (const error of errors) if (!(error instanceof ApiError)) console.error(error);
    return errors;
  }

  async #fetchUsers() {
    const since = pollSince(this.#store.get().people.lastUpdatedAt);
    let position = this.#reducer.position();
    for await (const { users } of this.#api.usersUpdatedSince(since)) {
      if (this.#stopped) return;
      this.#reducer.applyUsers(users, position);
      position = this.#reducer.position();
    }
  }

  async #fetchMessages() {
    if (!this.#store.get().conversation.loaded) await this.#fetchNewestPage();
    const { sequence, lastUpdatedAt } = this.#store.get().conversation;
    const fetched = sequence.last !== null && (await this.#fetchAfter(sequence.last));
    if (!fetched) await this.#fetchUpdatedSince(pollSince(lastUpdatedAt));
  }

  // Resolves to false when the number says nothing to the service: it has begun to
  // count anew, or does not count.
  async #fetchAfter(number) {
    let position = this.#reducer.position();
    for await (const { messages, change } of this.#api.messagesAfter(number)) {
      if (this.#stopped) return true;
      this.#reducer.applyChanges(messages, position);
      if (!(change >= number)) return false;
      this.#reducer.advanceSequence(change);
      position = this.#reducer.position();
    }
    return true;
  }

  async #fetchUpdatedSince(since) {
    let firstChange;
    let position = this.#reducer.position();
    for await (const { messages, change } of this.#api.messagesUpdatedSince(since)) {
      if (this.#stopped) return;
      firstChange ??= change;
      this.#reducer.applyChanges(messages, position);
      position = this.#reducer.position();
    }
    // The first answer's number: what happened between the requests may be in none of
    // the answers.
    this.#reducer.startSequence(firstChange);
  }

  async #fetchNewestPage() {
    const position = this.#reducer.position();
    const { messages, change } = await this.#api.messagesBefore(MAX_ID, PAGE_SIZE);
    if (!this.#stopped) this.#reducer.applyNewestPage(messages, position, change);
  }
}
