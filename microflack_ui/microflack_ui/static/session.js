// Who is signed in. The room is open as long as somebody is.

import { emptyRoom, Room } from "./chat_session.js";
import { userIdOf } from "./logic/token.js";
import * as storage from "./storage.js";
import { Api } from "./transport/api.js";

const EXPIRED =
  "You were signed out because your session ended. Sign in again: your draft is kept.";

export class Session {
  #store;
  #token = null;
  room = null;

  constructor(store) {
    this.#store = store;
    storage.token.onChange((token) => this.#follow(token));
  }

  resume() {
    const token = storage.token.get();
    if (token) this.#enter(token);
  }

  async register(nickname, password) {
    await new Api().register(nickname, password);
    await this.signIn(nickname, password);
  }

  async signIn(nickname, password) {
    const token = await new Api().requestToken(nickname, password);
    storage.nickname.set(nickname);
    storage.token.set(token);
    this.#enter(token);
  }

  signOut = () => {
    const goodbye = new Api(this.#token);
    storage.token.set(null);
    this.#leave("");
    goodbye.signOut();
  };

  // A good token is one whose user can be read from it.
  #enter(token) {
    const userId = userIdOf(token);
    if (userId === null) return this.#expire(token);
    this.room?.close();
    this.#token = token;
    const api = new Api(token);
    const onExpired = () => this.#expire(token);
    this.room = new Room({ api, token, store: this.#store, userId, onExpired });
    this.#store.set({ note: "" });
    this.room.open();
  }

  #expire(token) {
    // Another tab may have signed in again meanwhile: that token is not ours to drop.
    if (storage.token.get() === token) storage.token.set(null);
    this.#leave(EXPIRED);
  }

  #leave(note) {
    this.room?.close();
    this.room = null;
    this.#token = null;
    this.#store.set({ ...emptyRoom, note });
  }

  // Another tab signed in or out: this one does the same.
  #follow(token) {
    if (token === this.#token) return;
    if (token) this.#enter(token);
    else if (this.room) this.#leave("");
  }
}
