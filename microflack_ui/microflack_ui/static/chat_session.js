// The chat of one signed-in person. Connects what receives, fetches and sends with the
// state of the page, and has a method for each thing that a person can do.

import { EventReducer } from "./event_reducer.js";
import { lastMessageOf, oldestId, PAGE_SIZE, trimmed } from "./logic/conversation.js";
import { dayOf } from "./logic/timeline.js";
import { Sender } from "./sender.js";
import { initialState } from "./state.js";
import { CatchUp } from "./transport/catchup.js";
import { isOver } from "./transport/credentials.js";
import { LiveConnection } from "./transport/live.js";
import { Poller } from "./transport/poller.js";
import { onWakeUp } from "./transport/wakeups.js";

export class ChatSession {
  #api;
  #credentials;
  #store;
  #unsent;
  #onEnded;
  #reducer;
  #catchUp;
  #sender;
  #live;
  #poller;
  #stopWakeUps;
  #closed = false;

  // `unsent`: what this person has not sent. `onEnded()`: the session is over.
  constructor({ api, credentials, store, userId, unsent, onEnded }) {
    this.#api = api;
    this.#credentials = credentials;
    this.#store = store;
    this.#unsent = unsent;
    this.#onEnded = onEnded;
    this.#reducer = new EventReducer({ store, handlers: this.#reducerHandlers() });
    this.#catchUp = new CatchUp({ api, store, reducer: this.#reducer });
    this.#sender = new Sender({ api, store, handlers: this.#senderHandlers() });
    this.#live = new LiveConnection({ credentials, handlers: this.#liveHandlers() });
    this.#poller = new Poller({
      task: () => this.#poll(),
      isLive: () => this.#live.isConnected,
    });
    const { draft, outbox } = unsent;
    store.set({ ...initialState, userId, draft, outbox });
  }

  open() {
    this.#stopWakeUps = onWakeUp(() => this.tryNow());
    this.#poller.start();
    this.#live.connect();
    this.#sender.flush();
  }

  close() {
    this.#closed = true;
    this.#stopWakeUps();
    this.#poller.stop();
    this.#catchUp.stop();
    this.#live.stop();
    this.#reducer.stop();
    this.#sender.stop();
    this.#api.close();
    this.#credentials.stop();
  }

  // There is a new token.
  announce() {
    this.#live.announce();
  }

  send = (source) => {
    this.#store.set({ firstUnreadId: null });
    this.#sender.send(source);
  };

  sendAgain = () => this.#sender.flush();
  discard = (key) => this.#sender.discard(key);

  setDraft = (text) => {
    this.#store.set({ draft: text });
    this.#unsent.draft = text;
  };

  // Puts a message that was refused back where it can be changed.
  takeBack = (item) => {
    const { draft } = this.#store.get();
    this.setDraft(draft ? `${item.source}\n${draft}` : item.source);
    this.discard(item.key);
  };

  // Fetches, connects and sends without waiting; checks a connection that seems up.
  tryNow = () => {
    this.#poller.pollNow();
    this.#live.check();
    this.#sender.flush();
  };

  markSeen = () => this.#store.set({ unreadCount: 0 });
  startEditing = (id) => this.#store.set({ editingId: id });
  stopEditing = () => this.#store.set({ editingId: null });

  editLastMessage = () => {
    const { conversation, userId } = this.#store.get();
    const message = lastMessageOf(conversation, userId);
    if (message) this.startEditing(message.id);
  };

  // Throws an ApiError that says why the text was not saved.
  saveEdit = async (id, source) => {
    try {
      await this.#api.editMessage(id, source);
    } catch (error) {
      if (error.status === 401) this.#onEnded();
      throw error;
    }
    if (this.#store.get().editingId === id) this.stopEditing();
    this.#poller.pollNow();
  };

  loadHistory = async () => {
    const { conversation: before, history } = this.#store.get();
    if (history === "loading" || !before.loaded || before.reachedStart) return;
    this.#store.set({ history: "loading" });
    try {
      const page = await this.#api.messagesBefore(oldestId(before), PAGE_SIZE);
      if (this.#closed) return;
      const { lastChange, lastUpdatedAt } = this.#store.get().conversation;
      this.#reducer.applyOlderPage(page, before);
      this.#store.set({ history: "idle" });
      const hasChanged =
        lastChange !== before.lastChange || lastUpdatedAt !== before.lastUpdatedAt;
      if (hasChanged) this.#poller.pollNow();
    } catch {
      if (!this.#closed) this.#store.set({ history: "failed" });
    }
  };

  // Keeps what is drawn short, for a reader who is at the end of it.
  trimHistory = () => {
    const { conversation, history, editingId } = this.#store.get();
    if (history === "loading" || editingId !== null) return;
    this.#store.set({ conversation: trimmed(conversation) });
  };

  #reducerHandlers() {
    return {
      gapFound: () => this.#poller.pollUnlessFailing(),
      mustFetch: () => this.#poller.pollSoon(),
    };
  }

  #senderHandlers() {
    return {
      outboxChanged: (items) => (this.#unsent.outbox = items),
      sending: () => this.#reducer.awaitAnswer(),
      answered: (message) => {
        this.#reducer.endAwaiting();
        if (message) this.#reducer.applyOwn(message);
      },
      tokenExpired: this.#onEnded,
    };
  }

  #liveHandlers() {
    return {
      connected: () => this.#poller.pollNow(),
      disconnected: () => this.#poller.pollSoon(),
      connectFailed: () => this.#showSlowerUpdates(),
      modelUpdated: (kind, model) => this.#reducer.addEvent(kind, model),
      eventsMissed: () => this.#poller.pollSoon(),
      tokenExpired: async (token) => {
        if (await isOver(this.#credentials, token)) this.#onEnded();
      },
    };
  }

  // Resolves to an error, or to null when all went well.
  async #poll() {
    this.#store.set({ today: dayOf(Date.now() / 1000) });
    const errors = await this.#catchUp.fetchChanges();
    if (this.#closed) return null;
    if (errors.some((error) => error.status === 401)) this.#onEnded();
    else this.#showConnection(errors[0]);
    return errors[0] ?? null;
  }

  #showConnection(error) {
    const wasAway = ["offline", "trouble"].includes(this.#store.get().connection);
    const trouble = error && navigator.onLine ? error.message : "";
    let connection = this.#live.isFailing ? "polling" : "online";
    if (error) connection = navigator.onLine ? "trouble" : "offline";
    this.#store.set({ connection, trouble });
    if (wasAway && !error) this.#sender.flush();
  }

  #showSlowerUpdates() {
    if (this.#store.get().connection === "online") this.#showConnection(null);
  }
}
