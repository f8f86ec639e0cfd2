// How far somebody has read in the room that is shown: up to its newest message, while
// that is in view. The server is told, and tells the other tabs and devices.

import { newestId } from "./logic/conversation.js";

// Somebody who reads along does not tell of each message.
const PAUSE_MS = 500;

export class Reading {
  #api;
  #store;
  #roomList;
  #markedRoomId = null;
  // By room: what the server does not know yet.
  #untold = new Map();
  #timer = null;

  // `api`: that of rooms.
  constructor({ api, store, roomList }) {
    this.#api = api;
    this.#store = store;
    this.#roomList = roomList;
  }

  stop() {
    clearTimeout(this.#timer);
  }

  // Whenever something has changed that it depends on.
  update() {
    const { rooms, place, conversation } = this.#store.get();
    const room = rooms.byId.get(place.roomId);
    if (this.#markedRoomId !== place.roomId) this.#markedRoomId = null;
    if (!room || room.unread === undefined || !conversation.loaded) return;
    this.#drawLine(room);
    const { isAtEnd } = this.#store.get();
    const upTo = newestId(conversation);
    const isSeen = isAtEnd && !conversation.isPart && !document.hidden;
    if (isSeen && upTo > (room.read_up_to ?? 0)) this.#mark(room.id, upTo);
  }

  // Above what was unread when the room was opened. That is what is in view then.
  #drawLine(room) {
    if (this.#markedRoomId !== null) return;
    this.#markedRoomId = room.id;
    if (room.unread)
      this.#store.set({ readMark: room.read_up_to ?? 0, isAtEnd: false });
  }

  #mark(roomId, upTo) {
    this.#untold.set(roomId, upTo);
    this.#roomList.markRead(roomId, upTo);
    this.#timer ??= setTimeout(() => this.tell(), PAUSE_MS);
  }

  // What fails is told the next time.
  async tell() {
    clearTimeout(this.#timer);
    this.#timer = null;
    for (const [roomId, upTo] of this.#untold) {
      try {
        await this.#api.markRead(roomId, upTo);
      } catch {
        continue;
      }
      if (this.#untold.get(roomId) === upTo) this.#untold.delete(roomId);
    }
  }
}
