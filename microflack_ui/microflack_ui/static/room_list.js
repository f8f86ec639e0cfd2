// Keeps the list of rooms: what is unread in each, as the server tells and as messages
// come in.

import * as rooms from "./logic/rooms.js";
import { isRecentIn, isUntouched, withMessage } from "./logic/unread.js";

export class RoomList {
  #store;
  #handlers;
  // By room: the newest message that was heard of.
  #newestIds = new Map();

  // `handlers`: mustFetch() when only the server knows what is unread, heard(message,
  // room) for each new message, roomLost(id).
  constructor({ store, handlers }) {
    this.#store = store;
    this.#handlers = handlers;
  }

  // The answer of a service; null when it knows no rooms.
  startWith(list) {
    if (list) this.#rooms = rooms.startWith(this.#rooms, list);
    else if (this.#rooms.areThere === null)
      this.#rooms = { ...this.#rooms, areThere: false };
  }

  // In the order in which they came.
  addEvents(events) {
    if (!this.#rooms.areThere) return;
    for (const { kind, model } of events) {
      if (kind === "Room") this.#merge(model);
      else if (kind === "Message") this.#hear(model);
      else if (kind === "removed Room") this.#lose(model.id);
    }
  }

  set(room) {
    this.#rooms = rooms.merge(this.#rooms, room);
  }

  leave(id) {
    this.#rooms = rooms.withLeft(this.#rooms, id);
  }

  drop(id) {
    this.#rooms = rooms.without(this.#rooms, id);
  }

  markRead(id, upTo) {
    this.#rooms = rooms.withRead(this.#rooms, id, upTo);
  }

  // What is told to all who are in a conversation does not say how each of them calls it.
  #merge(room) {
    this.#rooms = rooms.merge(this.#rooms, room);
    if (!this.#rooms.byId.get(room.id).name) this.#handlers.mustFetch();
  }

  #hear(message) {
    const room = this.#rooms.byId.get(message.room_id ?? rooms.EVERYONE);
    const isNumbered = room && Number.isInteger(message.change);
    const counted = isNumbered && withMessage(room, message, this.#store.get().userId);
    if (!counted) this.#handlers.mustFetch();
    else if (counted !== room) this.#rooms = rooms.withRoom(this.#rooms, counted);
    if (room && this.#isNews(message, room)) this.#handlers.heard(message, room);
  }

  // Whether it is heard of for the first time, also when an answer came before it.
  #isNews(message, room) {
    const newest = this.#newestIds.get(room.id);
    if (message.id <= newest) return false;
    this.#newestIds.set(room.id, message.id);
    return isUntouched(message) && (newest > 0 || isRecentIn(room, message));
  }

  // A public one can still be read: the server tells.
  #lose(id) {
    const isPublic = this.#rooms.byId.get(id)?.kind === "public";
    this.#rooms = rooms.withLeft(this.#rooms, id);
    if (isPublic) this.#handlers.mustFetch();
    else this.#handlers.roomLost(id);
  }

  get #rooms() {
    return this.#store.get().rooms;
  }

  set #rooms(changed) {
    this.#store.set({ rooms: changed });
  }
}
