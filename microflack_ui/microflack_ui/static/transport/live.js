// The connection over which the server tells at once what happens.
//
// Connecting again is done here and not by the library: when a server stops, all its
// clients lose their connection at the same moment, and must not come back in one.

import { io } from "socket.io-client";

import { jitter, retryDelay } from "../logic/backoff.js";

// Somebody who gives no sign of life for a minute goes offline.
const PING_INTERVAL_MS = 20_000;
const PING_TIMEOUT_MS = 5000;
const CONNECT_TIMEOUT_MS = 10_000;

// A service that was there is soon back. One that never was there may not exist at all.
const MAX_RETRY_MS = 5000;
const MAX_RETRY_NEVER_SEEN_MS = 30_000;

export class LiveConnection {
  #credentials;
  #toldToken = null;
  #handlers;
  #socket;
  #stopped = false;
  #connected = false;
  #everConnected = false;
  #failures = 0;
  #lastPing = null;
  // Ends an attempt that takes too long, or the wait before the next one.
  #timer;
  #pingTimer;

  // `handlers`: connected(), disconnected(), connectFailed(), eventsMissed(),
  // modelUpdated(kind, model), modelRemoved(kind, id), typing(roomId, userId),
  // tokenExpired(token).
  constructor({ credentials, handlers }) {
    this.#credentials = credentials;
    this.#handlers = handlers;
    this.#socket = io({
      autoConnect: false,
      multiplex: false,
      reconnection: false,
      // Begins with WebSocket where it has worked before.
      rememberUpgrade: true,
      timeout: false,
      auth: (answer) => this.#authenticate(answer),
    });
    this.#listen();
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearInterval(this.#pingTimer);
    this.#socket.disconnect();
  }

  get isConnected() {
    return this.#connected;
  }

  // False while a first attempt is under way, because it mostly succeeds.
  get isFailing() {
    return this.#failures > 0;
  }

  // Connects without waiting, unless it is connected.
  connect() {
    if (this.#stopped || this.#connected) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#onFailed(), CONNECT_TIMEOUT_MS);
    this.#socket.connect();
  }

  // Tells the server of a new token.
  announce() {
    this.#lastPing = null;
    this.#ping();
  }

  // Makes sure that a server is at the other end: after a sleep there seldom is one.
  check() {
    if (!this.#connected) return this.connect();
    const { id } = this.#socket;
    this.#tell(this.#socket.timeout(PING_TIMEOUT_MS), (error) => {
      if (!error || this.#stopped || this.#socket.id !== id) return;
      this.#socket.disconnect();
      this.connect();
    });
  }

  // Without a token the server may say no, and then there is another attempt.
  async #authenticate(answer) {
    const token = await this.#credentials.token().catch(() => null);
    if (token) this.#toldToken = token;
    answer({ rooms: true, batches: true, ...(token && { token }) });
  }

  // Tells the others in a room that somebody is writing there.
  tellTyping(roomId) {
    const token = this.#credentials.current;
    if (this.#connected && token)
      this.#socket.emit("typing", { room_id: roomId }, token);
  }

  #tell(socket, ...rest) {
    this.#toldToken = this.#credentials.current;
    socket.emit("ping_user", this.#toldToken, ...rest);
  }

  #listen() {
    const socket = this.#socket;
    socket.on("connect", () => this.#onConnected());
    socket.on("disconnect", () =>
      this.#connected ? this.#onDisconnected() : this.#onFailed(),
    );
    socket.on("connect_error", () => this.#onFailed());
    socket.on("updated_model", (event) => this.#onUpdatedModel(event));
    // Of people those of a moment come together.
    socket.on("updated_models", ({ class: kind, models } = {}) => {
      for (const model of models ?? [])
        this.#onUpdatedModel({ class: kind, model });
    });
    socket.on("removed_model", ({ class: kind, id } = {}) =>
      this.#handlers.modelRemoved(kind, id),
    );
    socket.on("typing", ({ room_id: roomId, user_id: userId } = {}) =>
      this.#handlers.typing(roomId, userId),
    );
    socket.on("catch_up", () => this.#handlers.eventsMissed());
    socket.on("expired_token", () =>
      this.#handlers.tokenExpired(this.#toldToken),
    );
    // Browsers hold back the timers of a hidden page, up to a minute. The server's own
    // pings come in time, so they are answered with a sign of life.
    socket.io.on("ping", () => this.#ping());
  }

  #onConnected() {
    clearTimeout(this.#timer);
    this.#failures = 0;
    this.#connected = this.#everConnected = true;
    this.#lastPing = null;
    this.#ping();
    this.#pingTimer = setInterval(() => this.#ping(), PING_INTERVAL_MS);
    this.#handlers.connected();
  }

  #ping() {
    const now = performance.now();
    const isRecent =
      this.#lastPing !== null && now - this.#lastPing < PING_INTERVAL_MS - 1000;
    if (!this.#connected || isRecent || !this.#credentials.current) return;
    this.#lastPing = now;
    this.#tell(this.#socket);
  }

  #onDisconnected() {
    this.#connected = false;
    clearInterval(this.#pingTimer);
    if (this.#stopped) return;
    this.#connectIn(jitter());
    this.#handlers.disconnected();
  }

  #onFailed() {
    if (this.#stopped) return;
    this.#socket.disconnect();
    this.#failures += 1;
    const maxDelay = this.#everConnected ? MAX_RETRY_MS : MAX_RETRY_NEVER_SEEN_MS;
    this.#connectIn(retryDelay(this.#failures, { maxDelay }));
    this.#handlers.connectFailed();
  }

  #connectIn(delay) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.connect(), delay);
  }

  #onUpdatedModel(event) {
    const { class: kind, model } = event ?? {};
    if (Number.isInteger(model?.id)) this.#handlers.modelUpdated(kind, model);
  }
}
