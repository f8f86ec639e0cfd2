// Fetches what has changed since the last time, however long ago that was.

import { pollSince } from "../logic/changes.js";
import { MAX_ID, PAGE_SIZE } from "../logic/conversation.js";
import { EVERYONE } from "../logic/rooms.js";
import { ApiError } from "./http.js";

// Older releases do not know how to answer what surrounds a message.
const NOT_THERE = [400, 404];

export class CatchUp {
  #api;
  #roomsApi;
  #store;
  #reducer;
  #roomList;
  #stopped = false;

  constructor({ api, roomsApi, store, reducer, roomList }) {
    this.#api = api;
    this.#roomsApi = roomsApi;
    this.#store = store;
    this.#reducer = reducer;
    this.#roomList = roomList;
  }

  stop() {
    this.#stopped = true;
  }

  // Resolves to a list of errors. What was fetched is kept when the rest fails.
  async fetchChanges() {
    const results = await Promise.allSettled([
      this.#fetchUsers(),
      this.#fetchRooms(),
      this.fetchMessages(),
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

  async #fetchRooms() {
    const answer = await this.#roomsApi.list();
    if (this.#stopped || answer?.isSame) return;
    this.#roomList.startWith(answer?.rooms ?? null);
  }

  // Of the room that is shown. When somebody goes elsewhere meanwhile, the rest is left.
  async fetchMessages() {
    const { place, conversation } = this.#store.get();
    try {
      await this.#fetchRoom(place, !conversation.loaded);
      if (!this.#isOver(place)) this.#store.set({ isMissing: false });
    } catch (error) {
      if (this.#isOver(place)) return;
      if (error.status !== 404 || place.roomId === EVERYONE) throw error;
      this.#store.set({ isMissing: true });
    }
  }

  async #fetchRoom(place, isFirst) {
    if (isFirst) await this.#fetchFirstPage(place);
    if (this.#isOver(place)) return;
    const { lastChange } = this.#store.get().conversation;
    // The newest page tells up to which change it goes.
    if (isFirst && lastChange !== null) return;
    const counts = lastChange !== null && (await this.#fetchAfter(lastChange, place));
    if (!counts) await this.#fetchUpdatedSince(place);
  }

  #isOver(place) {
    return this.#stopped || this.#store.get().place !== place;
  }

  // Resolves to false when the service gives changes no numbers.
  async #fetchAfter(number, place) {
    for await (const page of this.#api.messagesAfter(number, place.roomId)) {
      if (this.#isOver(place)) return true;
      const { messages, change, _links: links } = page;
      if (!Number.isInteger(change)) return false;
      // The service has begun to count anew, and so does the page.
      if (change < number) {
        await this.#fetchNewestPage(place);
        return true;
      }
      // A page that is not the last one is complete up to its own last change.
      const last = links?.next ? messages.at(-1).change : change;
      this.#reducer.applyChanges(messages, last);
    }
    return true;
  }

  async #fetchUpdatedSince(place) {
    const { lastUpdatedAt } = this.#store.get().conversation;
    const since = pollSince(lastUpdatedAt);
    let firstChange;
    const pages = this.#api.messagesUpdatedSince(since, place.roomId);
    for await (const { messages, change } of pages) {
      if (this.#isOver(place)) return;
      firstChange ??= change;
      this.#reducer.applyChanges(messages);
    }
    // The first answer's number: what happened between the requests may be in none of
    // the answers.
    this.#reducer.countFrom(firstChange);
  }

  // What surrounds the message that a link leads to; without one, where what is unread
  // begins, if that is much; else the newest.
  async #fetchFirstPage(place) {
    const messageId = place.messageId ?? this.#lastRead(place);
    if (!messageId || !(await this.#fetchPart(place, messageId)))
      await this.#fetchNewestPage(place);
  }

  #lastRead({ roomId, isEnd }) {
    const room = this.#store.get().rooms.byId.get(roomId);
    return !isEnd && room?.unread >= PAGE_SIZE ? room.read_up_to : null;
  }

  // Resolves to false when the message is not there.
  async #fetchPart(place, messageId) {
    const { roomId } = place;
    try {
      const page = await this.#api.messagesAround(messageId, PAGE_SIZE, roomId);
      const isThere = page.messages.some(({ id }) => id === messageId);
      if (isThere && !this.#isOver(place)) this.#reducer.startWithPart(page);
      return isThere;
    } catch (error) {
      if (!NOT_THERE.includes(error.status)) throw error;
      return false;
    }
  }

  async #fetchNewestPage(place) {
    const page = await this.#api.messagesBefore(MAX_ID, PAGE_SIZE, place.roomId);
    if (!this.#isOver(place)) this.#reducer.startWith(page);
  }
}
