// The conversation of one signed-in person: what comes in, and what they do.

import { Inbox } from "./event_reducer.js";
import * as talk from "./logic/conversation.js";
import { nobody } from "./logic/people.js";
import { dayOf } from "./logic/timeline.js";
import { Sender } from "./sender.js";
import * as storage from "./storage.js";
import { CatchUp } from "./transport/catchup.js";
import { Live } from "./transport/live.js";
import { Poller } from "./transport/poller.js";
import { onWakeUp } from "./transport/wakeups.js";

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
  #inbox;
  #catchUp;
  #sender;
  #live;
  #poller;
  #endWakeUps;
  #stopped = false;

  constructor({ api, token, store, userId, onExpired }) {
    this.#api = api;
    this.#store = store;
    this.#onExpired = onExpired;
    this.#inbox = new Inbox({ store, events: this.#inboxEvents() });
    this.#catchUp = new CatchUp({ api, store, inbox: this.#inbox });
    this.#sender = new Sender({ api, store, events: this.#senderEvents(userId) });
    this.#live = new Live({ token, events: this.#liveEvents() });
    this.#poller = new Poller(
      () => this.#round(),
      () => this.#live.isUp,
    );
    const kept = {
      draft: storage.draft.get(userId),
      outbox: storage.outbox.get(userId),
    };
    store.set({ ...emptyRoom, userId, ...kept });
  }

  open() {
    this.#endWakeUps = onWakeUp(() => this.tryNow());
    this.#poller.start();
    this.#live.start();
    this.#sender.flush();
  }

  close() {
    this.#stopped = true;
    this.#endWakeUps();
    const parts = [this.#poller, this.#catchUp, this.#live, this.#inbox, this.#sender];
    for (const part of parts) part.stop();
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

  tryNow = () => {
    this.#poller.now();
    this.#live.check();
  };

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
    const mark = this.#inbox.mark();
    try {
      await this.#api.editMessage(id, source);
    } catch (error) {
      if (error.status === 401) this.#onExpired();
      throw error;
    }
    if (this.#store.get().editing === id) this.stopEditing();
    // The next poll shows the new text as well, should this fail.
    await this.#api.message(id).then(
      (message) => this.#stopped || this.#inbox.own(message, mark),
      () => {},
    );
  };

  loadHistory = async () => {
    const { conversation, history } = this.#store.get();
    if (history === "loading" || !conversation.loaded || conversation.reachedStart)
      return;
    this.#store.set({ history: "loading" });
    const mark = this.#inbox.mark();
    try {
      const { messages } = await this.#api.messagesBefore(
        talk.oldestId(conversation),
        talk.PAGE,
      );
      if (this.#stopped) return;
      this.#inbox.history(messages, mark);
      this.#store.set({ history: "idle" });
    } catch {
      if (!this.#stopped) this.#store.set({ history: "failed" });
    }
  };

  // Keeps what is drawn short, for who reads its end.
  shorten = () => {
    const { conversation, history, editing } = this.#store.get();
    if (history === "loading" || editing !== null) return;
    this.#store.set({ conversation: talk.shortened(conversation) });
  };

  #inboxEvents() {
    return {
      delivered: (key) => this.#sender.discard(key),
      doubtful: () => this.#poller.soon(),
    };
  }

  #senderEvents(userId) {
    return {
      keep: (items) => {
        storage.outbox.set(userId, items);
        this.#inbox.settle();
      },
      stored: (message) => this.#inbox.own(message),
      expired: this.#onExpired,
    };
  }

  #liveEvents() {
    return {
      up: () => this.#poller.now(),
      lost: () => this.#poller.soon(),
      failed: () => this.#withoutLive(),
      changed: (kind, model) => this.#inbox.happened(kind, model),
      missed: () => this.#poller.soon(),
      expired: this.#onExpired,
    };
  }

  // One round of polling; tells how it went.
  async #round() {
    this.#store.set({ today: dayOf(Date.now() / 1000) });
    const errors = await this.#catchUp.round();
    if (this.#stopped) return null;
    if (errors.some((error) => error.status === 401)) this.#onExpired();
    else this.#tell(errors[0]);
    return errors[0] ?? null;
  }

  #tell(error) {
    const trouble = error && navigator.onLine ? error.message : "";
    let connection = this.#live.isFailing ? "polling" : "online";
    if (error) connection = navigator.onLine ? "trouble" : "offline";
    this.#store.set({ connection, trouble });
  }

  #withoutLive() {
    if (this.#store.get().connection === "online") this.#tell(null);
  }
}
