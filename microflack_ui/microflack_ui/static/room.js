// The conversation of one signed-in person: what comes in, and what they do.

import { ApiError } from "./api.js";
import { sinceFor } from "./logic/changes.js";
import * as talk from "./logic/conversation.js";
import { nobody, withPeople } from "./logic/people.js";
import { dayOf } from "./logic/timeline.js";
import { Poller } from "./poller.js";
import { Sender } from "./sender.js";
import * as storage from "./storage.js";

export const emptyRoom = Object.freeze({
  userId: null,
  connection: "connecting",
  trouble: "",
  people: nobody,
  conversation: talk.emptyConversation,
  history: "idle",
  outbox: Object.freeze([]),
  draft: "",
  editing: null,
  unread: 0,
  unreadFrom: null,
  today: "",
});

export class Room {
  #api;
  #store;
  #onExpired;
  #sender;
  #poller;
  #stopped = false;

  constructor({ api, store, userId, onExpired }) {
    this.#api = api;
    this.#store = store;
    this.#onExpired = onExpired;
    const events = {
      keep: (items) => storage.outbox.set(userId, items),
      stored: (message) => this.#own(message),
      expired: onExpired,
    };
    this.#sender = new Sender({ api, store, events });
    this.#poller = new Poller(() => this.#tick());
    const kept = {
      draft: storage.draft.get(userId),
      outbox: storage.outbox.get(userId),
    };
    store.set({ ...emptyRoom, userId, ...kept });
  }

  open() {
    this.#poller.start();
    this.#sender.flush();
  }

  close() {
    this.#stopped = true;
    this.#poller.stop();
    this.#sender.stop();
    this.#api.close();
  }

  send = (source) => {
    this.#store.set({ unreadFrom: null });
    this.#sender.send(source);
  };

  retry = (key) => this.#sender.retry(key);
  discard = (key) => this.#sender.discard(key);
  draft = (text) => {
    this.#store.set({ draft: text });
    storage.draft.set(this.#store.get().userId, text);
  };

  // Puts a message that was refused back where it can be changed.
  takeBack = (item) => {
    const { draft } = this.#store.get();
    this.draft(draft ? `${item.source}\n${draft}` : item.source);
    this.discard(item.key);
  };

  tryNow = () => this.#poller.now();
  seen = () => this.#store.set({ unread: 0 });
  startEditing = (id) => this.#store.set({ editing: id });
  stopEditing = () => this.#store.set({ editing: null });

  editLast = () => {
    const { conversation, userId } = this.#store.get();
    const message = talk.lastBy(conversation, userId);
    if (message) this.startEditing(message.id);
  };

  // Throws an ApiError that says why the text was not saved.
  edit = async (id, source) => {
    try {
      await this.#api.editMessage(id, source);
    } catch (error) {
      if (error.status === 401) this.#onExpired();
      throw error;
    }
    if (this.#store.get().editing === id) this.stopEditing();
    // The next poll shows the new text as well, should this fail.
    await this.#api.message(id).then(
      (message) => this.#own(message),
      () => {},
    );
  };

  loadHistory = async () => {
    const { conversation, history } = this.#store.get();
    if (history === "loading" || !conversation.loaded || conversation.reachedStart)
      return;
    this.#store.set({ history: "loading" });
    try {
      const page = await this.#api.messagesBefore(
        talk.oldestId(conversation),
        talk.PAGE,
      );
      if (this.#stopped) return;
      const { conversation: current } = this.#store.get();
      this.#store.set({
        conversation: talk.withHistory(current, page),
        history: "idle",
      });
    } catch {
      if (!this.#stopped) this.#store.set({ history: "failed" });
    }
  };

  // One round of polling. What has come is kept, also when the rest of it fails.
  async #tick() {
    this.#store.set({ today: dayOf(Date.now() / 1000) });
    const rounds = await Promise.allSettled([this.#pollPeople(), this.#pollMessages()]);
    const errors = rounds.filter((round) => round.reason).map((round) => round.reason);
    for (const error of errors) if (!(error instanceof ApiError)) console.error(error);
    if (this.#stopped) return null;
    if (errors.some((error) => error.status === 401)) this.#onExpired();
    else this.#tell(errors[0]);
    return errors[0] ?? null;
  }

  #tell(error) {
    if (!error) this.#store.set({ connection: "online", trouble: "" });
    else if (!navigator.onLine) this.#store.set({ connection: "offline", trouble: "" });
    else this.#store.set({ connection: "trouble", trouble: error.message });
  }

  async #pollPeople() {
    const since = sinceFor(this.#store.get().people.newestChange);
    for await (const users of this.#api.usersChangedSince(since)) {
      if (this.#stopped) return;
      this.#store.set({ people: withPeople(this.#store.get().people, users) });
    }
  }

  async #pollMessages() {
    if (!this.#store.get().conversation.loaded) await this.#loadNewest();
    const since = sinceFor(this.#store.get().conversation.newestChange);
    for await (const messages of this.#api.messagesChangedSince(since)) {
      if (this.#stopped) return;
      this.#arrived(messages);
    }
  }

  async #loadNewest() {
    const page = await this.#api.messagesBefore(talk.FROM_THE_END, talk.PAGE);
    if (this.#stopped) return;
    const { conversation } = this.#store.get();
    this.#store.set({ conversation: talk.withNewestPage(conversation, page) });
  }

  #arrived(messages) {
    const { conversation, userId } = this.#store.get();
    const newest = talk.newestId(conversation);
    const others = messages.filter((one) => one.id > newest && one.user_id !== userId);
    if (document.hidden && others.length) this.#missed(others);
    this.#store.set({ conversation: talk.withChanges(conversation, messages) });
  }

  // The line above the first unread message stays when the reader is back.
  #missed(messages) {
    const { unread, unreadFrom } = this.#store.get();
    const first = Math.min(...messages.map((message) => message.id));
    this.#store.set({
      unread: unread + messages.length,
      unreadFrom: unread ? unreadFrom : first,
    });
  }

  #own(message) {
    if (this.#stopped) return;
    const { conversation } = this.#store.get();
    this.#store.set({ conversation: talk.withOwn(conversation, message) });
  }
}
