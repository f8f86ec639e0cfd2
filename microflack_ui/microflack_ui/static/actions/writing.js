// What somebody writes in the room that is shown: drafts, answers, files.

import { roomOf } from "../logic/outbox.js";

export class Writing {
  #store;
  #unsent;
  #sender;
  #handlers;

  // `handlers`: goToEnd() to where what is written now will be seen.
  constructor({ store, unsent, sender, handlers }) {
    this.#store = store;
    this.#unsent = unsent;
    this.#sender = sender;
    this.#handlers = handlers;
  }

  // With the files that are uploaded, and as an answer if it is one.
  send = (source) => {
    const { place, replyTo, uploads } = this.#store.get();
    const { roomId } = place;
    const isSent = (file) => file.roomId === roomId && file.id;
    const files = uploads.filter(isSent).map(({ id, name }) => ({ id, name }));
    this.#handlers.goToEnd();
    this.#store.set({
      readMark: null,
      replyTo: null,
      uploads: uploads.filter((file) => !isSent(file)),
    });
    this.#sender.send({ source, roomId, replyTo, files });
  };

  sendAgain = () => this.#sender.flush();
  discard = (key) => this.#sender.discard(key);
  reply = (id) => this.#store.set({ replyTo: id });

  setDraft = (text) => {
    const { place } = this.#store.get();
    this.#setDraft(place.roomId, text);
  };

  // Puts a message that was refused back where it can be changed.
  takeBack = (item) => {
    const roomId = roomOf(item);
    const draft = this.#store.get().drafts[roomId];
    this.#setDraft(roomId, draft ? `${item.source}\n${draft}` : item.source);
    if (item.replyTo) this.reply(item.replyTo);
    this.discard(item.key);
  };

  #setDraft(roomId, text) {
    const { [roomId]: _, ...others } = this.#store.get().drafts;
    const drafts = text ? { ...others, [roomId]: text } : others;
    this.#store.set({ drafts });
    this.#unsent.drafts = drafts;
  }
}
