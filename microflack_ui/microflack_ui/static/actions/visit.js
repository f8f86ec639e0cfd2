// Which room is shown, and which part of its conversation.

import { showInAddress } from "../address.js";
import * as conversations from "../logic/conversation.js";
import { EVERYONE } from "../logic/rooms.js";
import { startOf } from "../logic/timeline.js";
import { initialState } from "../state.js";

const { PAGE_SIZE } = conversations;

// So many rooms are gone on with where they were left; others are loaded anew.
const MAX_KEPT = 20;

export class Visit {
  #api;
  #store;
  #reducer;
  #handlers;
  // By room, the one that was left last at the end.
  #left = new Map();
  #closed = false;

  // `handlers`: arrived() in another room, or in another part of it, mustFetch().
  constructor({ api, store, reducer, handlers }) {
    this.#api = api;
    this.#store = store;
    this.#reducer = reducer;
    this.#handlers = handlers;
  }

  stop() {
    this.#closed = true;
  }

  // Shows a room, or the message in it, and says so in the address.
  go = (place) => {
    showInAddress(place);
    this.show(place);
  };

  // `isEnd`: at what was said last, however much of it is unread.
  show({ roomId, messageId = null, isEnd = false }) {
    const { place: before, conversation } = this.#store.get();
    const place = Object.freeze({ roomId, messageId, isEnd });
    if (roomId === before.roomId && reaches(conversation, messageId)) {
      this.#store.set({ place });
    } else {
      const isOther = roomId !== before.roomId;
      this.#leave(before.roomId);
      this.#enter(place, isOther);
    }
    this.#handlers.arrived();
  }

  // From a part of the history to what is said now.
  goToEnd = () => {
    const { place, conversation } = this.#store.get();
    if (conversation.isPart) this.go({ roomId: place.roomId, isEnd: true });
  };

  // To the first message of a day in the room that is shown; without one, to the first one
  // after it, or to the end. Throws an ApiError when it cannot be found.
  goToDay = async (day) => {
    const { place } = this.#store.get();
    const begin = Math.max(0, startOf(day));
    const message = await this.#api.firstMessageSince(begin, place.roomId);
    if (this.#isOver(place)) return;
    const { roomId } = place;
    this.go(message ? { roomId, messageId: message.id } : { roomId, isEnd: true });
  };

  stayWhereThereAreNoRooms() {
    const { rooms, place } = this.#store.get();
    if (rooms.areThere === false && place.roomId !== EVERYONE)
      this.go({ roomId: EVERYONE });
  }

  #leave(roomId) {
    const conversation = this.#reducer.leave();
    if (!conversation.loaded || conversation.isPart) return;
    this.#left.delete(roomId);
    this.#left.set(roomId, conversations.trimmed(conversation));
    if (this.#left.size > MAX_KEPT) this.#left.delete(this.#left.keys().next().value);
  }

  #enter(place, isOther) {
    const known = this.#left.get(place.roomId);
    const goesOn = known && reaches(known, place.messageId);
    const conversation = goesOn ? known : conversations.emptyConversation;
    const { history, isMissing, editingId, isAtEnd } = initialState;
    const anew = { place, conversation, history, isMissing, editingId, isAtEnd };
    const { replyTo, members, typing, unreadCount, readMark } = initialState;
    const ofRoom = { replyTo, members, typing, unreadCount, readMark };
    this.#store.set(isOther ? { ...anew, ...ofRoom } : anew);
  }

  loadHistory = async () => {
    const { conversation: before, history, place } = this.#store.get();
    if (history === "loading" || !before.loaded || before.reachedStart) return;
    this.#store.set({ history: "loading" });
    const oldest = conversations.oldestId(before);
    try {
      const page = await this.#api.messagesBefore(oldest, PAGE_SIZE, place.roomId);
      if (this.#isOver(place)) return;
      const { lastChange, lastUpdatedAt } = this.#store.get().conversation;
      this.#reducer.applyOlderPage(page, before);
      this.#store.set({ history: "idle" });
      const hasChanged =
        lastChange !== before.lastChange || lastUpdatedAt !== before.lastUpdatedAt;
      if (hasChanged) this.#handlers.mustFetch();
    } catch {
      if (!this.#isOver(place)) this.#store.set({ history: "failed" });
    }
  };

  // Goes on where a part of the history ends, until it has come up to now.
  loadNewer = async () => {
    const { conversation, history, place } = this.#store.get();
    if (!conversation.isPart || history === "loading") return;
    this.#store.set({ history: "loading" });
    const newest = conversations.newestId(conversation);
    try {
      const page = await this.#api.messagesAround(newest, PAGE_SIZE, place.roomId);
      if (this.#isOver(place)) return;
      this.#store.set({ history: "idle" });
      this.#reducer.applyNewerPage(page);
      if (conversations.newestId(page) <= newest) this.#handlers.mustFetch();
    } catch {
      if (!this.#isOver(place)) this.#store.set({ history: "failed" });
    }
  };

  // Keeps what is drawn short: leaves out what is before and after these messages; null
  // stands for nothing. Not while somebody edits, perhaps there.
  cutTo = (firstId, lastId) => {
    const { conversation, history, editingId } = this.#store.get();
    if (history === "loading" || editingId !== null) return;
    const cut = conversations.cutTo(conversation, firstId, lastId);
    this.#store.set({ conversation: cut });
  };

  setAtEnd = (isAtEnd) => this.#store.set({ isAtEnd });

  #isOver({ roomId }) {
    return this.#closed || this.#store.get().place.roomId !== roomId;
  }
}

// Whether a conversation has this message, or, without one, goes up to now.
function reaches(conversation, messageId) {
  return messageId === null
    ? !conversation.isPart
    : Boolean(conversations.find(conversation, messageId));
}
