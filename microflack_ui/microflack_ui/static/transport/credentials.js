// The access token of who is signed in, for all requests and the live connection.

import { lifetimeOf } from "../logic/token.js";
import { renewToken } from "./sign_in.js";

// So long before its end a token is renewed, but not before half of its life.
const MARGIN_MS = 5 * 60 * 1000;
// A younger one that is refused is not too old: it will not help to get another.
const MIN_AGE_MS = 2000;
// Often enough to notice a clock that was changed, and rarely enough for a server that
// is away: requests ask for a token as well.
const MIN_TIMER_MS = 30 * 1000;
const MAX_TIMER_MS = 10 * 60 * 1000;

const LOCK = "microflack.renewal";

// Of a session: the token is in memory only, and renewed by the session's cookie.
export class SessionToken {
  #token = null;
  #receivedAt = 0;
  #renewAt = 0;
  #endsAt = 0;
  #renewal = null;
  #timer = null;
  #stopped = false;
  #onRenewed;

  // `answer`: that of signing in, or null to begin with renewing. `onRenewed(token)`.
  constructor({ answer = null, onRenewed }) {
    this.#onRenewed = onRenewed;
    if (answer) this.#accept(answer);
  }

  // The last one; null when there is none yet.
  get current() {
    return this.#token;
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  // Resolves to a good one. Throws an ApiError, with status 401 when the session is over.
  async token() {
    if (Date.now() < this.#renewAt) return this.#token;
    try {
      return await this.#renew();
    } catch (error) {
      if (error.status === 401 || Date.now() >= this.#endsAt) throw error;
      return this.#token;
    }
  }

  // Resolves to another token than the one that was refused, or to null.
  async renewed(refused) {
    if (refused !== this.#token) return this.#token;
    if (Date.now() - this.#receivedAt < MIN_AGE_MS) return null;
    return this.#renew();
  }

  #renew() {
    this.#renewal ??= alone(renewToken)
      .then((answer) => {
        this.#accept(answer);
        if (!this.#stopped) this.#onRenewed(this.#token);
        return this.#token;
      })
      .finally(() => (this.#renewal = null));
    return this.#renewal;
  }

  // How long it lives the server says; from when on, this computer's clock.
  #accept({ token, expires_at: expiresAt }) {
    const lifetime = lifetimeOf(token, expiresAt) * 1000;
    this.#token = token;
    this.#receivedAt = Date.now();
    this.#endsAt = this.#receivedAt + lifetime;
    this.#renewAt = this.#endsAt - Math.min(MARGIN_MS, lifetime / 2);
    this.#setTimer();
  }

  #setTimer() {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    const delay = Math.min(this.#renewAt - Date.now(), MAX_TIMER_MS);
    this.#timer = setTimeout(() => {
      this.#setTimer();
      // A failure shows at the next request.
      this.token().catch(() => {});
    }, Math.max(delay, MIN_TIMER_MS));
  }
}

// Of an older tokens service: one that cannot be renewed.
export class StoredToken {
  constructor(token) {
    this.current = token;
  }

  stop() {}

  async token() {
    return this.current;
  }

  async renewed() {
    return null;
  }
}

// Whether there is no way to get another token than the one that was refused.
export async function isOver(credentials, refused) {
  try {
    return !(await credentials.renewed(refused));
  } catch (error) {
    return error.status === 401;
  }
}

// One tab after the other, where the browser can do that. Where it cannot, the server
// answers for some seconds also who comes with the cookie before the newest.
function alone(task) {
  return navigator.locks ? navigator.locks.request(LOCK, task) : task();
}
