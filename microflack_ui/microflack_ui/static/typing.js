// Who is writing in the room that is shown.

// So often the others are told while somebody writes, and so long it holds for them.
const TELL_EVERY_MS = 3000;
const HOLDS_MS = 5000;

export class Typing {
  #store;
  #tell;
  #lastTold = { roomId: null, at: -Infinity };
  // By user.
  #timers = new Map();

  // `tell(roomId)` tells the others in a room.
  constructor({ store, tell }) {
    this.#store = store;
    this.#tell = tell;
  }

  stop() {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  // The person here writes.
  tell = () => {
    const { place, rooms } = this.#store.get();
    const { roomId } = place;
    if (!rooms.areThere) return;
    const now = performance.now();
    const { roomId: toldRoomId, at } = this.#lastTold;
    if (toldRoomId === roomId && now - at < TELL_EVERY_MS) return;
    this.#lastTold = { roomId, at: now };
    this.#tell(roomId);
  };

  // Somebody else does.
  hear(roomId, userId) {
    const { place, typing, userId: myself } = this.#store.get();
    if (roomId !== place.roomId || userId === myself) return;
    clearTimeout(this.#timers.get(userId));
    this.#timers.set(userId, setTimeout(() => this.end(userId), HOLDS_MS));
    if (!typing.includes(userId)) this.#store.set({ typing: [...typing, userId] });
  }

  // The message is there.
  end(userId) {
    const { typing } = this.#store.get();
    if (!typing.includes(userId)) return;
    this.#store.set({ typing: typing.filter((one) => one !== userId) });
  }
}
