// Who is signed in. There is a chat session as long as somebody is.

import { ChatSession } from "./chat_session.js";
import { userIdOf } from "./logic/token.js";
import { initialState } from "./state.js";
import * as storage from "./storage.js";
import { claimTab } from "./tabs.js";
import { Api } from "./transport/api.js";
import { SessionToken, StoredToken } from "./transport/credentials.js";
import { register, requestToken } from "./transport/sign_in.js";
import { Unsent } from "./unsent.js";

const EXPIRED =
  "You were signed out because your session ended. Sign in again: your draft is kept.";

export class Session {
  #store;
  #credentials = null;
  #userId = null;
  chat = null;

  constructor(store) {
    this.#store = store;
    storage.onSessionChange((change) => this.#followOtherTab(change));
  }

  // Goes on with the session of the last visit, if there is one.
  async resume() {
    await claimTab();
    const userId = storage.session.userId();
    const token = storage.token.get();
    if (userId) await this.#startSession(userId);
    else if (token) await this.#startWithStored(token);
  }

  async register(nickname, password, invitation) {
    await register(nickname, password, invitation);
    await this.signIn(nickname, password);
  }

  async signIn(nickname, password) {
    const answer = await requestToken(nickname, password);
    const userId = userIdOf(answer.token);
    storage.nickname.set(nickname);
    if (answer.expires_at) {
      storage.token.clear();
      storage.session.set(userId);
      await this.#startSession(userId, answer);
    } else {
      storage.session.clear();
      storage.token.set(answer.token);
      await this.#startWithStored(answer.token);
    }
  }

  signOut = () => {
    const api = new Api(this.#credentials);
    storage.forgetEverything();
    this.#endChat("");
    api.signOut();
  };

  async #startSession(userId, answer = null) {
    const credentials = new SessionToken({
      answer,
      onRenewed: (token) => this.#onRenewed(userIdOf(token)),
    });
    await this.#startChat(userId, credentials);
  }

  async #startWithStored(token) {
    const userId = userIdOf(token);
    if (userId === null) this.#end(new StoredToken(token));
    else await this.#startChat(userId, new StoredToken(token));
  }

  async #startChat(userId, credentials) {
    this.chat?.close();
    this.#credentials = credentials;
    this.#userId = userId;
    const unsent = new Unsent(userId);
    await unsent.takeOver();
    // Meanwhile another tab may have signed in somebody else.
    if (this.#credentials !== credentials) return credentials.stop();
    this.chat = new ChatSession({
      api: new Api(credentials),
      credentials,
      store: this.#store,
      userId,
      unsent,
      onEnded: () => this.#end(credentials),
    });
    this.chat.open();
  }

  // Another tab may have signed in somebody else with the same cookie.
  #onRenewed(userId) {
    if (userId === this.#userId) this.chat?.announce();
    else this.#startSession(userId);
  }

  // The session is over. What was written stays.
  #end(credentials) {
    if (credentials !== this.#credentials && this.chat) return;
    if (credentials instanceof SessionToken) storage.session.end();
    // Another tab may have signed in again meanwhile; its token is still good.
    else if (storage.token.get() === credentials.current) storage.token.clear();
    this.#endChat(EXPIRED);
  }

  #endChat(note) {
    this.chat?.close();
    this.chat = null;
    this.#credentials = null;
    this.#userId = null;
    this.#store.set({ ...initialState, note });
  }

  // When another tab signs in or out, this one does the same.
  #followOtherTab({ userId, ended, token }) {
    if (userId) {
      if (userId !== this.#userId) this.#startSession(userId);
    } else if (token) {
      if (token !== this.#credentials?.current) this.#startWithStored(token);
    } else if (this.chat && !this.#isElsewhere(token)) this.#endChat(ended ? EXPIRED : "");
  }

  // The other kind of session began when this one ended.
  #isElsewhere(token) {
    return token === null && this.#credentials instanceof SessionToken;
  }
}
