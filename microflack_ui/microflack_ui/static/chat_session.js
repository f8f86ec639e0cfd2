// The chat of one signed-in person: the parts that receive, fetch and send, and how they
// are connected with each other and with the state of the page.

import { actionsOf } from "./actions/actions.js";
import { onAddressChange, placeIn } from "./address.js";
import { Alerts } from "./alerts.js";
import { ConnectionState } from "./connection_state.js";
import { EventReducer } from "./event_reducer.js";
import { modelsOf } from "./logic/changes.js";
import { isHeard } from "./logic/rooms.js";
import { dayOf } from "./logic/timeline.js";
import { Quotes } from "./quotes.js";
import { Reading } from "./reading.js";
import { RoomList } from "./room_list.js";
import { Sender } from "./sender.js";
import { initialState } from "./state.js";
import { Api } from "./transport/api.js";
import { CatchUp } from "./transport/catchup.js";
import { isOver } from "./transport/credentials.js";
import { LiveConnection } from "./transport/live.js";
import { Poller } from "./transport/poller.js";
import { RoomsApi } from "./transport/rooms_api.js";
import { onWakeUp } from "./transport/wakeups.js";
import { Typing } from "./typing.js";

export class ChatSession {
  #credentials;
  #store;
  #onEnded;
  #parts;
  #connection;
  #stops = [];
  #closed = false;

  // `unsent`: what this person has not sent. `onEnded()`: the session is over.
  constructor({ credentials, store, userId, unsent, onEnded }) {
    this.#credentials = credentials;
    this.#store = store;
    this.#onEnded = onEnded;
    const place = Object.freeze(placeIn(location));
    const { drafts, outbox } = unsent;
    store.set({ ...initialState, userId, place, drafts, outbox });
    this.#parts = this.#makeParts(unsent);
    Object.assign(this, actionsOf(this.#parts, this.#actionHandlers()));
    this.tellTyping = this.#parts.typing.tell;
    this.#parts.alerts = new Alerts({ store, go: this.visit.go });
    this.#connection = new ConnectionState({
      store,
      isLiveFailing: () => this.#parts.live.isFailing,
      cameBack: () => this.#parts.sender.flush(),
    });
  }

  #makeParts(unsent) {
    const store = this.#store;
    const credentials = this.#credentials;
    const api = new Api(credentials);
    const roomsApi = new RoomsApi(credentials);
    const roomList = new RoomList({ store, handlers: this.#roomHandlers() });
    const reducer = new EventReducer({ store, handlers: this.#reducerHandlers() });
    const live = new LiveConnection({ credentials, handlers: this.#liveHandlers() });
    const isLive = () => live.isConnected && isHeard(store.get());
    return {
      ...{ store, credentials, unsent, api, roomsApi, roomList },
      ...{ reducer, live },
      catchUp: new CatchUp({ api, roomsApi, store, reducer, roomList }),
      sender: new Sender({ api, store, handlers: this.#senderHandlers() }),
      poller: new Poller({ task: () => this.#poll(), isLive }),
      quotes: new Quotes({ api, store }),
      reading: new Reading({ api: roomsApi, store, roomList }),
      typing: new Typing({ store, tell: (roomId) => live.tellTyping(roomId) }),
    };
  }

  open() {
    const { live, poller, sender } = this.#parts;
    this.#stops = [
      onWakeUp(() => this.tryNow()),
      onAddressChange((place) => this.visit.show(place)),
      this.#store.subscribe(() => this.#follow()),
    ];
    poller.start();
    live.connect();
    sender.flush();
  }

  close() {
    this.#closed = true;
    for (const stop of this.#stops) stop();
    const { poller, catchUp, live, reducer, sender, reading, typing } = this.#parts;
    const parts = [poller, catchUp, live, reducer, sender, reading, typing];
    parts.push(this.visit, this.uploads, this.blocks, this.#credentials);
    for (const part of parts) part.stop();
    for (const one of [this.files, this.faces]) one.close();
    for (const one of [this.#parts.api, this.#parts.roomsApi]) one.close();
  }

  // There is a new token.
  announce() {
    this.#parts.live.announce();
  }

  // Fetches, connects and sends without waiting; checks a connection that seems up.
  tryNow = () => {
    const { reading, poller, live, sender } = this.#parts;
    reading.update();
    poller.pollNow();
    live.check();
    sender.flush();
  };

  markSeen = () => this.#store.set({ unreadCount: 0 });

  // The state has changed.
  #follow() {
    this.#parts.reading.update();
    this.#parts.quotes.update();
  }

  #actionHandlers() {
    return {
      arrived: () => this.#fetchMessages(),
      changed: () => this.#parts.poller.pollNow(),
      tokenExpired: this.#onEnded,
    };
  }

  #roomHandlers() {
    return {
      mustFetch: () => this.#parts.poller.pollSoon(),
      heard: (message, room) => this.#parts.alerts.hear(message, room),
      roomLost: (id) => {
        if (id === this.#store.get().place.roomId) this.#store.set({ isMissing: true });
      },
    };
  }

  #reducerHandlers() {
    return {
      gapFound: () => this.#parts.poller.pollUnlessFailing(),
      mustFetch: () => this.#parts.poller.pollSoon(),
      heard: (events) => this.#hear(events),
    };
  }

  #hear(events) {
    const { roomList, quotes, typing } = this.#parts;
    roomList.addEvents(events);
    this.blocks.hear(events);
    for (const model of modelsOf(events, "Message")) {
      quotes.hear(model);
      typing.end(model.user_id);
    }
  }

  #senderHandlers() {
    return {
      outboxChanged: (items) => (this.#parts.unsent.outbox = items),
      sending: () => this.#parts.reducer.awaitAnswer(),
      answered: (message) => {
        this.#parts.reducer.endAwaiting();
        if (message) this.#parts.reducer.applyOwn(message);
      },
      tokenExpired: this.#onEnded,
    };
  }

  #liveHandlers() {
    return {
      connected: () => this.#parts.poller.pollNow(),
      disconnected: () => this.#parts.poller.pollSoon(),
      connectFailed: () => this.#connection.liveFailed(),
      modelUpdated: (kind, model) => this.#parts.reducer.addEvent(kind, model),
      modelRemoved: (kind, id) =>
        this.#parts.reducer.addEvent(`removed ${kind}`, { id }),
      typing: (roomId, userId) => this.#parts.typing.hear(roomId, userId),
      eventsMissed: () => this.#parts.poller.pollSoon(),
      tokenExpired: async (token) => {
        if (await isOver(this.#credentials, token)) this.#onEnded();
      },
    };
  }

  // At once, and not after what the poller is doing.
  #fetchMessages() {
    const { catchUp, poller } = this.#parts;
    catchUp.fetchMessages().catch(() => poller.pollNow());
  }

  // Resolves to an error, or to null when all went well.
  async #poll() {
    this.#store.set({ today: dayOf(Date.now() / 1000) });
    const errors = await this.#parts.catchUp.fetchChanges();
    if (this.#closed) return null;
    if (errors.some((error) => error.status === 401)) this.#onEnded();
    else this.#connection.show(errors[0]);
    this.#parts.reading.tell();
    this.visit.stayWhereThereAreNoRooms();
    return errors[0] ?? null;
  }
}
