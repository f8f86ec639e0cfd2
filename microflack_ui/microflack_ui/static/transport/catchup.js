// Fetches what has changed since the last time, however long ago that was.

import { pollSince } from "../logic/changes.js";
import { MAX_ID, PAGE_SIZE } from "../logic/conversation.js";
import { ApiError } from "./http.js";

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
    for await (const { users } of this.#api.usersUpdatedSince(since)) {
      if (this.#stopped) return;
      this.#reducer.applyUsers(users);
    }
  }

  async #fetchMessages() {
    const isFirst = !this.#store.get().conversation.loaded;
    if (isFirst) await this.#fetchNewestPage();
    const { lastChange } = this.#store.get().conversation;
    // The newest page tells up to which change it goes.
    if (isFirst && lastChange !== null) return;
    const counts = lastChange !== null && (await this.#fetchAfter(lastChange));
    if (!counts) await this.#fetchUpdatedSince();
  }

  // Resolves to false when the service gives changes no numbers.
  async #fetchAfter(number) {
    for await (const page of this.#api.messagesAfter(number)) {
      if (this.#stopped) return true;
      const { messages, change, _links: links } = page;
      if (!Number.isInteger(change)) return false;
      // The service has begun to count anew, and so does the page.
      if (change < number) {
        await this.#fetchNewestPage();
        return true;
      }
      // A page that is not the last one is complete up to its own last change.
      const last = links?.next ? messages.at(-1).change : change;
      this.#reducer.applyChanges(messages, last);
    }
    return true;
  }

  async #fetchUpdatedSince() {
    const { lastUpdatedAt } = this.#store.get().conversation;
    const since = pollSince(lastUpdatedAt);
    let firstChange;
    for await (const { messages, change } of this.#api.messagesUpdatedSince(since)) {
      if (this.#stopped) return;
      firstChange ??= change;
      this.#reducer.applyChanges(messages);
    }
    // The first answer's number: what happened between the requests may be in none of
    // the answers.
    this.#reducer.countFrom(firstChange);
  }

  async #fetchNewestPage() {
    const page = await this.#api.messagesBefore(MAX_ID, PAGE_SIZE);
    if (!this.#stopped) this.#reducer.startWith(page);
  }
}
