// Whether the conversation looks other in one state of the page than in another.

import { mayWrite } from "../logic/rooms.js";

// The fields that are drawn there.
const DRAWN_FIELDS = [
  "blocked",
  "conversation",
  "people",
  "outbox",
  "history",
  "editingId",
  "place",
  "quoted",
  "readMark",
  "today",
  "userId",
];

export function looksOther(state, before) {
  const isOther = (field) => state[field] !== before[field];
  return DRAWN_FIELDS.some(isOther) || mayWrite(state) !== mayWrite(before);
}
