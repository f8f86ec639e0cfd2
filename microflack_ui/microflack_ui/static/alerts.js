// Tells of news while somebody looks elsewhere: by a notification of the system, and by a
// sound, as they have chosen.

import { isBlocked } from "./logic/blocked.js";
import { nicknameOf } from "./logic/people.js";
import { isWorthTelling } from "./logic/unread.js";
import { cut } from "./logic/text.js";
import { chime } from "./sound.js";
import * as storage from "./storage.js";

const MAX_SHOWN = 140;
// So long the tab that tells of a message keeps the others from it.
const LOCKED_MS = 1000;

export class Alerts {
  #store;
  #go;

  // `go(place)` shows a message.
  constructor({ store, go }) {
    this.#store = store;
    this.#go = go;
  }

  hear(message, room) {
    const state = this.#store.get();
    const { userId, place } = state;
    if (isBlocked(state, message.user_id)) return;
    const isShown = room.id === place.roomId && !document.hidden;
    if (isShown || !isWorthTelling(room, message, userId)) return;
    const { desktop, sound } = storage.alerts.get();
    if (!desktop && !sound) return;
    once(`microflack.alert.${message.id}`, () => {
      if (sound) chime();
      if (desktop && document.hidden) this.#notify(message, room);
    });
  }

  async #notify(message, room) {
    if (globalThis.Notification?.permission !== "granted") return;
    const author = nicknameOf(this.#store.get().people, message.user_id);
    const title = room.kind === "direct" ? author : `${author} · ${room.name}`;
    const body = cut(message.source, MAX_SHOWN);
    const options = { body, tag: `message-${message.id}` };
    const place = { roomId: room.id, messageId: message.id };
    const registration = await navigator.serviceWorker?.getRegistration();
    // Phones show nothing else, a push takes the place of nothing else, and signing out
    // closes nothing else.
    if (registration?.active) {
      await registration.showNotification(title, { ...options, data: place });
      return;
    }
    const notification = new Notification(title, options);
    notification.onclick = () => {
      focus();
      this.#go(place);
      notification.close();
    };
  }
}

// Of several tabs one does it. Browsers without locks (they have none over plain http) do
// it in each.
function once(name, task) {
  if (!navigator.locks) return task();
  return navigator.locks.request(name, { ifAvailable: true }, (lock) => {
    if (!lock) return undefined;
    task();
    return new Promise((resolve) => setTimeout(resolve, LOCKED_MS));
  });
}
