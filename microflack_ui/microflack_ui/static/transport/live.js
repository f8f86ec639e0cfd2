// The connection on which the server tells at once what happens.
//
// Trying again is done here and not by the library: a server that moves loses all its
// clients in one moment, and they shall not come back in one.

import { io } from "socket.io-client";

import { delayAfter, spreadDelay } from "../logic/backoff.js";

// Without a sign of life for a minute a user is offline.
const PING_MS = 20_000;
const ATTEMPT_MS = 10_000;
const CHECK_MS = 5000;

// A service that has been there is soon back; one that never was may be none at all.
const LONGEST_MS = 5000;
const LONGEST_UNSEEN_MS = 30_000;

export class Live {
  #token;
  #events;
  #socket;
  #stopped = false;
  #up = false;
  #seen = false;
  #failures = 0;
  #pinged = 0;
  #attempt;
  #pinging;

  // `events`: up(), lost(), failed(), changed(kind, model), missed(), expired().
  constructor({ token, events }) {
    this.#token = token;
    this.#events = events;
    // A WebSocket that worked is the first thing to be tried the next time.
    this.#socket = io({
      autoConnect: false,
      multiplex: false,
      reconnection: false,
      rememberUpgrade: true,
      timeout: false,
    });
    this.#listen();
  }

  start() {
    this.now();
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#attempt);
    clearInterval(this.#pinging);
    this.#socket.disconnect();
  }

  get isUp() {
    return this.#up;
  }

  // A connection that is just on its way is not: it mostly arrives.
  get isFailing() {
    return this.#failures > 0;
  }

  // Connects without waiting, unless it is connected.
  now() {
    if (this.#stopped || this.isUp) return;
    clearTimeout(this.#attempt);
    this.#attempt = setTimeout(() => this.#failed(), ATTEMPT_MS);
    this.#socket.connect();
  }

  // Makes sure that there is somebody at the other end: after a sleep there seldom is.
  check() {
    if (!this.isUp) return this.now();
    const { id } = this.#socket;
    this.#socket.timeout(CHECK_MS).emit("ping_user", this.#token, (error) => {
      if (!error || this.#stopped || this.#socket.id !== id) return;
      this.#socket.disconnect();
      this.now();
    });
  }

  #listen() {
    const socket = this.#socket;
    socket.on("connect", () => this.#connected());
    socket.on("disconnect", () => (this.#up ? this.#lost() : this.#failed()));
    socket.on("connect_error", () => this.#failed());
    socket.on("updated_model", (event) => this.#changed(event));
    socket.on("catch_up", () => this.#events.missed());
    socket.on("expired_token", () => this.#events.expired());
    // A hidden page's timers may come once a minute; what the server sends is in time.
    socket.io.on("ping", () => this.#ping());
  }

  #connected() {
    clearTimeout(this.#attempt);
    this.#failures = 0;
    this.#up = this.#seen = true;
    this.#pinged = 0;
    this.#ping();
    this.#pinging = setInterval(() => this.#ping(), PING_MS);
    this.#events.up();
  }

  #ping() {
    const now = performance.now();
    if (!this.isUp || (this.#pinged && now - this.#pinged < PING_MS - 1000)) return;
    this.#pinged = now;
    this.#socket.emit("ping_user", this.#token);
  }

  #lost() {
    this.#up = false;
    clearInterval(this.#pinging);
    if (this.#stopped) return;
    this.#later(spreadDelay());
    this.#events.lost();
  }

  #failed() {
    if (this.#stopped) return;
    this.#socket.disconnect();
    this.#failures += 1;
    const longest = this.#seen ? LONGEST_MS : LONGEST_UNSEEN_MS;
    this.#later(delayAfter(this.#failures, { longest }));
    this.#events.failed();
  }

  #later(delay) {
    clearTimeout(this.#attempt);
    this.#attempt = setTimeout(() => this.now(), delay);
  }

  #changed(event) {
    const { class: kind, model } = event ?? {};
    if (Number.isInteger(model?.id)) this.#events.changed(kind, model);
  }
}
