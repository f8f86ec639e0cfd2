// Brings what comes in, answers and events in whatever order, into the state of the
// page: that of the room that is shown. Nothing is shown twice, and nothing older takes
// the place of something newer: each change of a message has a number in its room, and
// is applied when it is the next one.

import { isBlocked } from "./logic/blocked.js";
import { modelsOf } from "./logic/changes.js";
import * as conversations from "./logic/conversation.js";
import * as people from "./logic/people.js";
import { takeNext } from "./logic/sequence.js";
import { Batcher } from "./transport/batch.js";

// Events from two servers may overtake each other, so a gap mostly closes by itself.
const GAP_TIMEOUT_MS = 300;

// So many changes are sooner fetched than kept until those before them come.
const MAX_AHEAD = 1000;

export class EventReducer {
  #store;
  #handlers;
  #batcher = new Batcher((events) => this.#applyEvents(events));
  // By number: changes that came ahead of others.
  #ahead = new Map();
  #gapTimer = null;
  // By id: own messages that came while an answer was awaited. It will tell whether one
  // of them is the message that the outbox shows.
  #withheld = new Map();
  #awaitsAnswer = false;

  // `handlers`: gapFound() when changes are missing, mustFetch() when an event cannot be
  // applied, and the server has to be asked, heard(events) of all rooms.
  constructor({ store, handlers }) {
    this.#store = store;
    this.#handlers = handlers;
  }

  stop() {
    this.#batcher.stop();
    clearTimeout(this.#gapTimer);
  }

  addEvent(kind, model) {
    this.#batcher.add({ kind, model });
  }

  applyUsers(users, merge = people.mergeChanges) {
    const known = this.#store.get().people;
    if (people.isInDoubt(known, users)) this.#handlers.mustFetch();
    this.#store.set({ people: merge(known, users) });
  }

  startWith(page) {
    this.#ahead.clear();
    this.#conversation = conversations.startWith(page);
  }

  // What surrounds the message that a link leads to.
  startWithPart(page) {
    this.#ahead.clear();
    this.#conversation = conversations.startWithPart(page);
  }

  // A conversation that was left before.
  goOnWith(conversation) {
    this.#conversation = conversation;
  }

  applyNewerPage(page) {
    this.#conversation = conversations.mergeNewerPage(this.#conversation, page);
  }

  // Takes leave of the room that is shown: returns its conversation, to go on with later.
  leave() {
    const changes = [...this.#withheld.values()].map(({ change }) => change);
    this.#ahead.clear();
    this.#withheld.clear();
    return changes.length
      ? conversations.rewound(this.#conversation, Math.min(...changes))
      : this.#conversation;
  }

  applyOlderPage(page, before) {
    const known = this.#conversation;
    this.#conversation = conversations.mergeOlderPage(known, page, before);
  }

  // What was fetched: all changes up to the number `change`, if there are numbers.
  applyChanges(messages, change = 0) {
    this.#show(messages);
    this.#conversation = conversations.advance(this.#conversation, messages, change);
    this.#applyNext();
  }

  // From this number on changes are counted; without one they are not.
  countFrom(change) {
    this.#ahead.clear();
    this.#conversation = conversations.countFrom(this.#conversation, change);
  }

  // A message that this page wrote, as the server answered.
  applyOwn(message) {
    if (!this.#isHere(message)) return;
    const isKnown = conversations.find(this.#conversation, message.id);
    // Services that give no numbers, or give them later, do not tell what is newer.
    if (isKnown && !message.change) return;
    this.#conversation = conversations.mergeMessages(this.#conversation, [message]);
    if (message.change) this.#apply([message]);
  }

  // A message is being sent.
  awaitAnswer() {
    this.#awaitsAnswer = true;
  }

  // The answer is there, or none will come.
  endAwaiting() {
    this.#awaitsAnswer = false;
    this.#show([...this.#withheld.values()]);
    this.#withheld.clear();
  }

  #applyEvents(events) {
    const users = modelsOf(events, "User");
    const messages = modelsOf(events, "Message").filter((one) => this.#isHere(one));
    this.#handlers.heard(events);
    if (users.length) this.applyUsers(users, people.mergeEvents);
    if (messages.every((one) => Number.isInteger(one.change))) this.#apply(messages);
    else this.#handlers.mustFetch();
  }

  #isHere(message) {
    return conversations.isInRoom(message, this.#store.get().place.roomId);
  }

  #apply(messages) {
    const isCounting = this.#conversation.lastChange !== null;
    if (messages.length && !isCounting) return this.#handlers.mustFetch();
    if (this.#ahead.size > MAX_AHEAD) this.#ahead.clear();
    for (const message of messages) this.#ahead.set(message.change, message);
    this.#applyNext();
    if (this.#ahead.size) this.#waitForGapToClose();
  }

  #applyNext() {
    const { messages, last } = takeNext(this.#ahead, this.#conversation.lastChange);
    if (messages.length) this.applyChanges(messages, last);
  }

  #waitForGapToClose() {
    this.#gapTimer ??= setTimeout(() => {
      this.#gapTimer = null;
      if (this.#ahead.size) this.#handlers.gapFound();
    }, GAP_TIMEOUT_MS);
  }

  #show(messages) {
    const shown = this.#awaitsAnswer ? this.#withhold(messages) : messages;
    this.#countUnread(shown);
    this.#conversation = conversations.mergeMessages(this.#conversation, shown);
  }

  // Keeps own messages that are new, and returns the others.
  #withhold(messages) {
    const { userId } = this.#store.get();
    const isNew = ({ id }) => !conversations.find(this.#conversation, id);
    return messages.filter((message) => {
      if (message.user_id !== userId || !isNew(message)) return true;
      const known = this.#withheld.get(message.id);
      if (conversations.replaces(message, known))
        this.#withheld.set(message.id, message);
      return false;
    });
  }

  // When the reader is back `readMark` stays, and with it the line above what is new.
  #countUnread(messages) {
    if (!document.hidden) return;
    const state = this.#store.get();
    const { conversation, userId, unreadCount, readMark } = state;
    const ids = conversations
      .newMessages(conversation, messages)
      .filter((one) => one.user_id !== userId && !isBlocked(state, one.user_id))
      .map(({ id }) => id);
    if (!ids.length) return;
    this.#store.set({
      unreadCount: unreadCount + ids.length,
      readMark: unreadCount ? readMark : Math.min(...ids) - 1,
    });
  }

  get #conversation() {
    return this.#store.get().conversation;
  }

  set #conversation(conversation) {
    this.#store.set({ conversation });
  }
}
