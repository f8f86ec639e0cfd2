// What comes in: answers and events, in whatever order. Nothing is shown twice, and
// nothing old takes the place of something newer.

import { isDoubtful } from "./logic/changes.js";
import * as talk from "./logic/conversation.js";
import { twinOf } from "./logic/outbox.js";
import * as people from "./logic/people.js";
import { Recent } from "./logic/recent_events.js";
import { isMissing } from "./logic/sequence.js";
import { Batch } from "./transport/batch.js";

// What two servers tell can overtake each other: news that is missing mostly arrives.
const MISSING_MS = 300;

export class Inbox {
  #store;
  #events;
  #recent = new Recent();
  #batch = new Batch((happened) => this.#happened(happened));
  // Messages that may be those on their way to the server, by id.
  #held = new Map();
  #missing = null;

  // `events`: delivered(key) of the outbox, doubtful().
  constructor({ store, events }) {
    this.#store = store;
    this.#events = events;
  }

  stop() {
    this.#batch.stop();
    clearTimeout(this.#missing);
  }

  // To be had before asking for something and given with the answer: what happens in
  // between may be newer than the answer is.
  mark() {
    return this.#recent.mark();
  }

  happened(kind, model) {
    this.#recent.add({ kind, model });
    this.#batch.add({ kind, model });
  }

  people(users, mark) {
    const known = people.withPeople(this.#store.get().people, users);
    this.#store.set({ people: people.withNews(known, this.#since(mark, "User")) });
  }

  newestPage(page, mark, change) {
    this.#merge((known) => talk.withNewestPage(known, page, change), mark);
  }

  history(page, mark) {
    this.#merge((known) => talk.withHistory(known, page), mark);
  }

  changes(messages, mark) {
    const shown = this.#admit(messages);
    this.#notice(shown);
    this.#merge((known) => talk.withChanges(known, messages, shown), mark);
    this.settle();
  }

  countedFrom(change) {
    const { conversation } = this.#store.get();
    this.#store.set({ conversation: talk.countedFrom(conversation, change) });
  }

  countedUpTo(change) {
    const { conversation } = this.#store.get();
    this.#store.set({ conversation: talk.countedUpTo(conversation, change) });
  }

  // A message that we wrote.
  own(message, mark = this.mark()) {
    this.#held.delete(message.id);
    this.#merge((known) => talk.withNews(known, [message]), mark);
  }

  // Shows what need not be held any more. To be called when the outbox has changed.
  settle() {
    for (const message of this.#held.values()) {
      const twin = twinOf(this.#store.get().outbox, message);
      if (twin?.state === "sending") continue;
      this.#held.delete(message.id);
      this.#merge((known) => talk.withNews(known, [message]), this.mark());
      // The answer was lost, but here is what it would have told.
      if (twin) this.#events.delivered(twin.key);
    }
  }

  #happened(happened) {
    const users = modelsOf(happened, "User");
    const changed = modelsOf(happened, "Message");
    const messages = this.#admit(changed);
    this.#notice(messages);
    const { people: known, conversation } = this.#store.get();
    const doubt =
      users.some((user) => isDoubtful(user, known.byId.get(user.id))) ||
      messages.some((one) => isDoubtful(one, talk.find(conversation, one.id)));
    if (doubt) this.#events.doubtful();
    this.#store.set({
      people: people.withNews(known, users),
      conversation: talk.withEventNumbers(
        talk.withNews(conversation, messages),
        changed,
      ),
    });
    this.settle();
    if (this.#isMissing()) this.#waitForMissing();
  }

  #isMissing() {
    return isMissing(this.#store.get().conversation.numbers);
  }

  #waitForMissing() {
    this.#missing ??= setTimeout(() => {
      this.#missing = null;
      if (this.#isMissing()) this.#events.doubtful();
    }, MISSING_MS);
  }

  #merge(step, mark) {
    const since = this.#since(mark, "Message").filter(({ id }) => !this.#held.has(id));
    const conversation = step(this.#store.get().conversation);
    this.#store.set({ conversation: talk.withNews(conversation, since) });
  }

  #since(mark, kind) {
    return modelsOf(this.#recent.since(mark), kind);
  }

  // Holds back own messages that read like one whose answer is still to come: it would
  // be seen twice until then.
  #admit(messages) {
    const { conversation, outbox, userId } = this.#store.get();
    return messages.filter((message) => {
      if (message.user_id !== userId || !twinOf(outbox, message)) return true;
      if (talk.find(conversation, message.id)) return true;
      this.#held.set(message.id, message);
      return false;
    });
  }

  // The line above the first unread message stays when the reader is back.
  #notice(messages) {
    if (!document.hidden) return;
    const { conversation, userId, unread, unreadFrom } = this.#store.get();
    const news = talk.newcomers(conversation, messages);
    const ids = news.filter((one) => one.user_id !== userId).map(({ id }) => id);
    if (!ids.length) return;
    const first = unread ? unreadFrom : Math.min(...ids);
    this.#store.set({ unread: unread + ids.length, unreadFrom: first });
  }
}

function modelsOf(events, kind) {
  return events.filter((event) => event.kind === kind).map((event) => event.model);
}
