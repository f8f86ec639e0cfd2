// What somebody has written and not sent: the draft and the messages on their way. Each
// tab keeps its own; what closed tabs have left, the next one takes over.

import * as storage from "./storage.js";
import { closedTabs, tabId } from "./tabs.js";

export class Unsent {
  #userId;

  constructor(userId) {
    this.#userId = userId;
  }

  get draft() {
    return storage.draft.get(this.#userId, tabId());
  }

  set draft(text) {
    storage.draft.set(this.#userId, tabId(), text);
  }

  get outbox() {
    return storage.outbox.get(this.#userId, tabId());
  }

  set outbox(items) {
    storage.outbox.set(this.#userId, tabId(), items);
  }

  // A message that two tabs take over is stored once all the same: its key is one.
  async takeOver() {
    const userId = this.#userId;
    this.outbox = [...storage.outbox.takeOlder(userId), ...this.outbox];
    for (const id of await closedTabs(storage.outbox.tabs(userId))) {
      this.outbox = [...storage.outbox.get(userId, id), ...this.outbox];
      storage.outbox.set(userId, id, []);
    }
    for (const id of await closedTabs(storage.draft.tabs(userId))) {
      if (this.draft) return;
      this.draft = storage.draft.get(userId, id);
      storage.draft.set(userId, id, "");
    }
  }
}
