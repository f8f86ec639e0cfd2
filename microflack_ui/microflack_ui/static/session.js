// Who is signed in. There is a chat session as long as somebody is.

import { ChatSession } from "./chat_session.js";
import { userIdOf } from "./logic/token.js";
import { initialState } from "./state.js";
import * as storage from "./storage.js";
import { Api } from "./transport/api.js";

const EXPIRED =
  "You were signed out because your session ended. Sign in again: your draft is kept.";

export class Session {
  #store;
  #token = null;
  chat = null;

  constructor(store) {
    this.#store = store;
    storage.token.onChange((token) => this.#followOtherTab(token));
  }

  // Goes on with the token of the last visit, if there is one.
  resume() {
    const token = storage.token.get();
    if (token) this.#startChat(token);
  }

  async register(nickname, password) {
    await new Api().register(nickname, password);
    await this.signIn(nickname, password);
  }

  async signIn(nickname, password) {
    const token = await new Api().requestToken(nickname, password);
    storage.nickname.set(nickname);
    storage.token.set(token);
    this.#startChat(token);
  }

  signOut = () => {
    const api = new Api(this.#token);
    storage.token.set(null);
    this.#endChat("");
    api.signOut();
  };

  #startChat(token) {
    const userId = userIdOf(token);
    if (userId === null) return this.#expire(token);
    this.chat?.close();
    this.#token = token;
    this.chat = new ChatSession({
      api: new Api(token),
      token,
      store: this.#store,
      userId,
      onTokenExpired: () => this.#expire(token),
    });
    this.chat.open();
  }

  #expire(token) {
    // Another tab may have signed in again meanwhile; its token is still good.
    if (storage.token.get() === token) storage.token.set(null);
    this.#endChat(EXPIRED);
  }

  #endChat(note) {
    this.chat?.close();
    this.chat = null;
    this.#token = null;
    this.#store.set({ ...initialState, note });
  }

  // When another tab signs in or out, this one does the same.
  #followOtherTab(token) {
    if (token === this.#token) return;
    if (token) this.#startChat(token);
    else if (this.chat) this.#endChat("");
  }
}
