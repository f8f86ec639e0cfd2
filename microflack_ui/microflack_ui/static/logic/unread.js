// What a person has not read in a room, counted as messages come in.

import { EVERYONE } from "./rooms.js";
import { compare } from "./text.js";

// Longer than an answer is on its way.
const RECENT_SECONDS = 10;

// Returns the room with what a message's event adds to it, or null where only the server
// can say how many are unread now.
export function withMessage(room, message, userId) {
  if (message.change <= room.change) return room;
  const isNew = isNewIn(room, message);
  if (message.change > room.change + 1 || isNew === null) return null;
  const known = { ...room, change: message.change };
  if (!isNew) return known;
  const { id, created_at: createdAt, user_id: author, mentions } = message;
  const counts = author !== userId && !message.deleted && id > (room.read_up_to ?? 0);
  return {
    ...known,
    newestId: id,
    last_message_at: createdAt,
    unread: (room.unread ?? 0) + Number(counts),
    mentions: (room.mentions ?? 0) + Number(counts && isMentioned(mentions, userId)),
  };
}

// A message is told again when it gets a card, a reaction, or another text. Null where
// it is as old as the newest one of the room.
function isNewIn(room, { id, created_at: createdAt }) {
  if (room.newestId) return id > room.newestId;
  const last = room.last_message_at ?? 0;
  return createdAt === last ? null : createdAt > last;
}

// A message that was changed is told again, and is not new for that.
export function isUntouched({ edited_at: editedAt, deleted, reactions }) {
  return !editedAt && !deleted && !reactions?.length;
}

// Whether it may be newer than what a room had when it was asked for.
export function isRecentIn(room, { created_at: createdAt }) {
  return createdAt >= (room.last_message_at ?? 0) - RECENT_SECONDS;
}

export function isMentioned(mentions, userId) {
  return Boolean(mentions?.includes(userId));
}

// 2 where somebody is waiting for an answer, 1 where there is something to read, else 0.
export function attentionOf({ kind, notify, unread = 0, mentions = 0 }) {
  if (notify === "none" || !unread) return 0;
  if (mentions || kind === "direct") return 2;
  return notify === "mentions" ? 0 : 1;
}

// Whether a person wants to be told of this message.
export function isWorthTelling(room, message, userId) {
  if (message.user_id === userId || message.deleted) return false;
  if (room.notify === "none") return false;
  return room.notify !== "mentions" || isMentioned(message.mentions, userId);
}

// Those with something unread first; the room of everybody before the others.
export function sorted(rooms) {
  return rooms.sort(
    (one, other) =>
      attentionOf(other) - attentionOf(one) ||
      Number(other.id === EVERYONE) - Number(one.id === EVERYONE) ||
      Number(Boolean(one.archived)) - Number(Boolean(other.archived)) ||
      compare(one.name ?? "", other.name ?? ""),
  );
}

// How many messages wait for an answer, in rooms that are not in sight.
export function countWaiting(rooms, roomId) {
  let count = 0;
  for (const room of rooms.byId.values()) {
    if (room.id === roomId || attentionOf(room) < 2) continue;
    count += room.kind === "direct" ? room.unread : room.mentions;
  }
  return count;
}
