// Brings what comes in, answers and events in whatever order, into the state of the
// page. Nothing is shown twice, and nothing older takes the place of something newer.

import { mayBeStale } from "./logic/changes.js";
import * as conversations from "./logic/conversation.js";
import { pendingCopyOf } from "./logic/outbox.js";
import * as people from "./logic/people.js";
import { RecentEvents } from "./logic/recent_events.js";
import { hasGap } from "./logic/sequence.js";
import { Batcher } from "./transport/batch.js";

// Events from two servers may overtake each other, so a gap mostly closes by itself.
const GAP_TIMEOUT_MS = 300;

export class EventReducer {
  #store;
  #handlers;
  #recent = new RecentEvents();
  #batcher = new Batcher((events) => this.#applyEvents(events));
  // By id: own messages not shown yet, because they may be copies of pending ones.
  #deferred = new Map();
  #gapTimer = null;

  // `handlers`: delivered(key) for an item of the outbox that turned out to be stored,
  // mayBeStale() when what is shown has to be fetched again.
  constructor({ store, handlers }) {
    this.#store = store;
    this.#handlers = handlers;
  }

  stop() {
    this.#batcher.stop();
    clearTimeout(this.#gapTimer);
  }

  // The place in the course of events. Take it before a request and hand it over with
  // the answer: events after it may be newer than the answer is.
  position() {
    return this.#recent.position();
  }

  addEvent(kind, model) {
    this.#recent.add({ kind, model });
    this.#batcher.add({ kind, model });
  }

  applyUsers(users, position) {
    const known = people.mergeChanges(this.#store.get().people, users);
    const later = this.#eventsAfter(position, "User");
    this.#store.set({ people: people.mergeEvents(known, later) });
  }

  applyNewestPage(page, position, change) {
    this.#update(
      (known) => conversations.mergeNewestPage(known, page, change),
      position,
    );
  }

  applyOlderPage(page, position) {
    this.#update((known) => conversations.mergeOlderPage(known, page), position);
  }

  applyChanges(messages, position) {
    const shown = this.#deferPending(messages);
    this.#countUnread(shown);
    this.#update(
      (known) => conversations.mergeChanges(known, messages, shown),
      position,
    );
    this.releaseDeferred();
  }

  // A message that this page wrote.
  applyOwn(message, position = this.position()) {
    this.#deferred.delete(message.id);
    this.#update((known) => conversations.mergeEvents(known, [message]), position);
  }

  startSequence(change) {
    const { conversation } = this.#store.get();
    this.#store.set({
      conversation: conversations.startSequence(conversation, change),
    });
  }

  advanceSequence(change) {
    const { conversation } = this.#store.get();
    this.#store.set({
      conversation: conversations.advanceSequence(conversation, change),
    });
  }

  // Shows what need not be deferred any more. To be called when the outbox has changed.
  releaseDeferred() {
    for (const message of this.#deferred.values()) {
      const copy = pendingCopyOf(this.#store.get().outbox, message);
      if (copy?.state === "sending") continue;
      this.applyOwn(message);
      // The answer was lost, but this message says what it would have said.
      if (copy) this.#handlers.delivered(copy.key);
    }
  }

  #applyEvents(events) {
    const users = modelsOf(events, "User");
    const messages = modelsOf(events, "Message");
    const shown = this.#deferPending(messages);
    this.#countUnread(shown);
    const { people: known, conversation } = this.#store.get();
    const isStale =
      users.some((user) => mayBeStale(user, known.byId.get(user.id))) ||
      shown.some((one) => mayBeStale(one, conversations.find(conversation, one.id)));
    if (isStale) this.#handlers.mayBeStale();
    const merged = conversations.mergeEvents(conversation, shown);
    this.#store.set({
      people: people.mergeEvents(known, users),
      conversation: conversations.recordNumbers(merged, messages),
    });
    this.releaseDeferred();
    if (this.#hasGap()) this.#waitForGapToClose();
  }

  #hasGap() {
    return hasGap(this.#store.get().conversation.sequence);
  }

  #waitForGapToClose() {
    this.#gapTimer ??= setTimeout(() => {
      this.#gapTimer = null;
      if (this.#hasGap()) this.#handlers.mayBeStale();
    }, GAP_TIMEOUT_MS);
  }

  #update(merge, position) {
    const later = this.#eventsAfter(position, "Message");
    const shown = later.filter(({ id }) => !this.#deferred.has(id));
    const conversation = merge(this.#store.get().conversation);
    this.#store.set({ conversation: conversations.mergeEvents(conversation, shown) });
  }

  #eventsAfter(position, kind) {
    return modelsOf(this.#recent.after(position), kind);
  }

  // Returns the messages without those that may be copies of pending ones. They would
  // be seen twice until the answer comes that tells which is which.
  #deferPending(messages) {
    const { conversation, outbox, userId } = this.#store.get();
    return messages.filter((message) => {
      if (message.user_id !== userId || !pendingCopyOf(outbox, message)) return true;
      if (conversations.find(conversation, message.id)) return true;
      this.#deferred.set(message.id, message);
      return false;
    });
  }

  // When the reader is back `firstUnreadId` stays, and with it the line above.
  #countUnread(messages) {
    if (!document.hidden) return;
    const { conversation, userId, unreadCount, firstUnreadId } = this.#store.get();
    const ids = conversations
      .newMessages(conversation, messages)
      .filter((one) => one.user_id !== userId)
      .map(({ id }) => id);
    if (!ids.length) return;
    this.#store.set({
      unreadCount: unreadCount + ids.length,
      firstUnreadId: unreadCount ? firstUnreadId : Math.min(...ids),
    });
  }
}

function modelsOf(events, kind) {
  return events.filter((event) => event.kind === kind).map((event) => event.model);
}
