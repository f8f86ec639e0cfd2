// Fetches what changed since the last time, from whenever that was.

import { sinceFor } from "../logic/changes.js";
import { FROM_THE_END, PAGE } from "../logic/conversation.js";
import { ApiError } from "./api.js";

export class CatchUp {
  #api;
  #store;
  #inbox;
  #stopped = false;

  constructor({ api, store, inbox }) {
    this.#api = api;
    this.#store = store;
    this.#inbox = inbox;
  }

  stop() {
    this.#stopped = true;
  }

  // Resolves to what went wrong. What has come is kept, also when the rest fails.
  async round() {
    const rounds = await Promise.allSettled([this.#people(), this.#messages()]);
    const errors = rounds.filter((round) => round.reason).map((round) => round.reason);
    for (const error of errors) if (!(error instanceof ApiError)) console.error(error);
    return errors;
  }

  async #people() {
    const since = sinceFor(this.#store.get().people.newestChange);
    let mark = this.#inbox.mark();
    for await (const { users } of this.#api.usersChangedSince(since)) {
      if (this.#stopped) return;
      this.#inbox.people(users, mark);
      mark = this.#inbox.mark();
    }
  }

  async #messages() {
    if (!this.#store.get().conversation.loaded) await this.#newest();
    const { numbers, newestChange } = this.#store.get().conversation;
    const known = numbers.last !== null && (await this.#after(numbers.last));
    if (!known) await this.#since(sinceFor(newestChange));
  }

  // Resolves to false where numbers do not tell what came after this one: the service
  // counts anew, or does not count.
  async #after(number) {
    let mark = this.#inbox.mark();
    for await (const { messages, change } of this.#api.messagesAfter(number)) {
      if (this.#stopped) return true;
      this.#inbox.changes(messages, mark);
      if (!(change >= number)) return false;
      this.#inbox.countedUpTo(change);
      mark = this.#inbox.mark();
    }
    return true;
  }

  async #since(since) {
    let first;
    let mark = this.#inbox.mark();
    for await (const { messages, change } of this.#api.messagesChangedSince(since)) {
      if (this.#stopped) return;
      first ??= change;
      this.#inbox.changes(messages, mark);
      mark = this.#inbox.mark();
    }
    // What happened while we asked may not be in these answers.
    this.#inbox.countedFrom(first);
  }

  async #newest() {
    const mark = this.#inbox.mark();
    const { messages, change } = await this.#api.messagesBefore(FROM_THE_END, PAGE);
    if (!this.#stopped) this.#inbox.newestPage(messages, mark, change);
  }
}
