// What somebody has written and not sent: drafts and the messages on their way. Each tab
// keeps its own; what closed tabs have left, the next one takes over.

import { roomOf } from "./logic/outbox.js";
import { EVERYONE } from "./logic/rooms.js";
import * as storage from "./storage.js";
import { closedTabs, tabId } from "./tabs.js";

export class Unsent {
  #userId;

  constructor(userId) {
    this.#userId = userId;
  }

  // By room.
  get drafts() {
    return this.#draftsOf(tabId());
  }

  set drafts(drafts) {
    const { [EVERYONE]: text = "", ...others } = drafts;
    storage.draft.set(this.#userId, tabId(), text);
    storage.roomDrafts.set(this.#userId, tabId(), others);
  }

  get outbox() {
    return this.#outboxOf(tabId());
  }

  set outbox(items) {
    this.#setOutbox(tabId(), items);
  }

  // A message that two tabs take over is stored once all the same: its key is one.
  async takeOver() {
    const userId = this.#userId;
    this.outbox = [...storage.outbox.takeOlder(userId), ...this.outbox];
    for (const id of await this.#closed(storage.outbox, storage.roomOutbox)) {
      this.outbox = [...this.#outboxOf(id), ...this.outbox];
      this.#setOutbox(id, []);
    }
    for (const id of await this.#closed(storage.draft, storage.roomDrafts))
      this.#takeDraftsOf(id);
  }

  // Of two drafts in one room the other one waits for the next tab.
  #takeDraftsOf(id) {
    const drafts = { ...this.drafts };
    const left = {};
    for (const [room, text] of Object.entries(this.#draftsOf(id))) {
      const place = drafts[room] ? left : drafts;
      place[room] = text;
    }
    this.drafts = drafts;
    const { [EVERYONE]: text = "", ...others } = left;
    storage.draft.set(this.#userId, id, text);
    storage.roomDrafts.set(this.#userId, id, others);
  }

  #draftsOf(id) {
    const text = storage.draft.get(this.#userId, id);
    const others = storage.roomDrafts.get(this.#userId, id);
    return text ? { ...others, [EVERYONE]: text } : others;
  }

  #outboxOf(id) {
    return [storage.outbox, storage.roomOutbox].flatMap((kept) =>
      kept.get(this.#userId, id),
    );
  }

  #setOutbox(id, items) {
    const isEveryones = (item) => roomOf(item) === EVERYONE;
    storage.outbox.set(this.#userId, id, items.filter(isEveryones));
    const others = items.filter((item) => !isEveryones(item));
    storage.roomOutbox.set(this.#userId, id, others);
  }

  #closed(...kinds) {
    const ids = kinds.flatMap((kind) => kind.tabs(this.#userId));
    return closedTabs([...new Set(ids)]);
  }
}
