// The state of the page before anybody has signed in: all that components draw.

import { emptyConversation } from "./logic/conversation.js";
import { emptyPeople } from "./logic/people.js";

export const initialState = Object.freeze({
  // Who is signed in, or why nobody is any more.
  userId: null,
  note: "",

  // "connecting", "online", "polling" (online, but without live events), "offline" (the
  // browser has no network) or "trouble" (a service gave the error in `trouble`).
  connection: "connecting",
  trouble: "",

  people: emptyPeople,
  conversation: emptyConversation,
  // Whether older messages are being loaded: "idle", "loading" or "failed".
  history: "idle",

  // What somebody writes: messages on their way, the one that is begun, and the id of
  // the one that is edited.
  outbox: Object.freeze([]),
  draft: "",
  editingId: null,

  // Messages of others that came while nobody looked.
  unreadCount: 0,
  firstUnreadId: null,

  // The day in the reader's time zone.
  today: "",
});
