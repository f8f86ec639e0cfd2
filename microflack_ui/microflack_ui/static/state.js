// The state of the page before anybody has signed in: all that components draw.

import { emptyConversation } from "./logic/conversation.js";
import { emptyPeople } from "./logic/people.js";
import { emptyRooms, EVERYONE } from "./logic/rooms.js";

export const initialState = Object.freeze({
  // Who is signed in, or why nobody is any more.
  userId: null,
  note: "",

  // "connecting", "online", "polling" (online, but without live events), "offline" (the
  // browser has no network) or "trouble" (a service gave the error in `trouble`).
  connection: "connecting",
  trouble: "",

  people: emptyPeople,
  // The ids of those whom one has blocked; null before that is known.
  blocked: null,
  rooms: emptyRooms,
  // The room that is shown, and the message in it that a link leads to. `isMissing`: there
  // is none, or not for this person.
  place: Object.freeze({ roomId: EVERYONE, messageId: null, isEnd: false }),
  isMissing: false,
  conversation: emptyConversation,
  // By id: messages that others quote and that are not loaded; null where there is none.
  quoted: Object.freeze(new Map()),
  // Who is in the room, by id, and who is writing there now. `members` is null before
  // somebody has asked.
  members: null,
  typing: Object.freeze([]),
  // Whether older messages are being loaded: "idle", "loading" or "failed".
  history: "idle",

  // What somebody writes: messages on their way, those that are begun, by room, and the
  // ids of the one that is edited and of the one that is answered.
  outbox: Object.freeze([]),
  drafts: Object.freeze({}),
  editingId: null,
  replyTo: null,
  // Files that go with the next message: { key, roomId, name, progress, id, problem }.
  uploads: Object.freeze([]),

  // How many messages of others came while nobody looked, and up to which id everything
  // was read before: above what came then a line is drawn.
  unreadCount: 0,
  readMark: null,
  // Whether the newest message is in view.
  isAtEnd: false,

  // What is open over the chat: { name, subject }. And why something was not done.
  dialog: null,
  problem: "",

  // The day in the reader's time zone.
  today: "",
});
