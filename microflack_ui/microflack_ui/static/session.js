// Who is signed in. There is a chat session as long as somebody is.

import { clearAddress } from "./address.js";
import { ChatSession } from "./chat_session.js";
import { userIdOf } from "./logic/token.js";
import { initialState } from "./state.js";
import * as storage from "./storage.js";
import { claimTab } from "./tabs.js";
import { Accounts } from "./transport/accounts.js";
import { Api } from "./transport/api.js";
import { SessionToken, StoredToken } from "./transport/credentials.js";
import { register, requestToken } from "./transport/sign_in.js";
import { Unsent } from "./unsent.js";
import { forgetSubscription } from "./web_push.js";

const EXPIRED =
  "You were signed out because your session ended. Sign in again: your draft is kept.";

export class Session {
  #store;
  #credentials = null;
  #userId = null;
  // Resolves when who has signed out is out.
  #left = Promise.resolve();
  chat = null;
  accounts = null;

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
    else if (storage.session.isLeaving()) this.#leave(this.#sessionToken());
  }

  async register(nickname, password, invitation) {
    await register(nickname, password, invitation);
    await this.signIn(nickname, password);
  }

  async signIn(nickname, password) {
    await this.#left;
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
    const credentials = this.#credentials;
    forgetSubscription().catch(() => {});
    storage.forgetEverything();
    clearAddress();
    this.#endChat("");
    this.#leave(credentials);
  };

  rename = async (nickname) => {
    await this.accounts.rename(this.#userId, nickname);
    storage.nickname.set(nickname);
    this.chat?.tryNow();
  };

  changePassword = (current, password) =>
    this.accounts.changePassword(this.#userId, current, password);

  async #startSession(userId, answer = null) {
    await this.#startChat(userId, this.#sessionToken(answer));
  }

  #sessionToken(answer = null) {
    const onRenewed = (token) => this.#onRenewed(userIdOf(token));
    return new SessionToken({ answer, onRenewed });
  }

  // What fails is done at the next visit: else the cookie would still be good.
  #leave(credentials) {
    credentials.stop();
    const isSession = credentials instanceof SessionToken;
    if (isSession) storage.session.leave();
    this.#left = new Api(credentials).signOut().then((isOver) => {
      if (isSession && isOver && storage.session.isLeaving()) storage.session.clear();
    });
  }

  async #startWithStored(token) {
    const userId = userIdOf(token);
    if (userId === null) this.#end(new StoredToken(token));
    else await this.#startChat(userId, new StoredToken(token));
  }

  async #startChat(userId, credentials) {
    this.chat?.close();
    this.accounts?.close();
    this.#credentials = credentials;
    this.#userId = userId;
    const unsent = new Unsent(userId);
    await unsent.takeOver();
    // Meanwhile another tab may have signed in somebody else.
    if (this.#credentials !== credentials) return credentials.stop();
    this.accounts = new Accounts(credentials);
    this.chat = new ChatSession({
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
    forgetSubscription().catch(() => {});
    this.#endChat(EXPIRED);
  }

  #endChat(note) {
    this.chat?.close();
    this.accounts?.close();
    this.chat = null;
    this.accounts = null;
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
    } else if (this.chat && !this.#isElsewhere(token)) {
      this.#endChat(ended ? EXPIRED : "");
    }
  }

  // The other kind of session began when this one ended.
  #isElsewhere(token) {
    return token === null && this.#credentials instanceof SessionToken;
  }
}
