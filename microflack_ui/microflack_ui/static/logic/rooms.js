// The rooms that the page knows, by id. A messages service of an older release has none:
// then there is the one that everybody is in.
//
// All functions return new rooms, or the same ones when nothing has changed.

import { compare } from "./text.js";

// The room that everybody is in.
export const EVERYONE = 1;

// Whether there are rooms: null before that is known.
export const emptyRooms = Object.freeze({ byId: new Map(), areThere: null });

const UNKNOWN = Object.freeze({ id: EVERYONE, name: "Everyone", kind: "public" });

// What only who is in a room has of it.
const OWN_FIELDS = ["unread", "mentions", "read_up_to", "notify", "role"];
const COUNTED_FIELDS = ["unread", "mentions", "read_up_to", "last_message_at"];

// All of them, as the service has answered.
export function startWith(known, rooms) {
  const byId = new Map(
    rooms.map((room) => [room.id, newest(known.byId.get(room.id), room)]),
  );
  return { byId, areThere: true };
}

// One that has changed, as an event tells: all of it, or what everybody may see.
export function merge(rooms, room) {
  const known = rooms.byId.get(room.id);
  const merged = newest(known, { ...known, ...room, name: room.name || known?.name });
  return withRoom(rooms, merged);
}

export function without(rooms, id) {
  if (!rooms.byId.has(id)) return rooms;
  const byId = new Map(rooms.byId);
  byId.delete(id);
  return { ...rooms, byId };
}

export function withRoom(rooms, room) {
  return { ...rooms, byId: new Map(rooms.byId).set(room.id, room) };
}

// Who has left a public room sees it all the same.
export function withLeft(rooms, id) {
  const room = rooms.byId.get(id);
  if (room?.kind !== "public") return without(rooms, id);
  const rest = Object.entries(room).filter(([name]) => !OWN_FIELDS.includes(name));
  return withRoom(rooms, Object.fromEntries(rest));
}

// All of this room is read, up to a message.
export function withRead(rooms, id, upTo) {
  const room = rooms.byId.get(id);
  return withRoom(rooms, { ...room, unread: 0, mentions: 0, read_up_to: upTo });
}

export function byName(rooms) {
  return [...rooms.byId.values()].sort((one, other) =>
    compare(one.name ?? "", other.name ?? ""),
  );
}

export function roomOf(rooms, id) {
  return rooms.byId.get(id) ?? (id === EVERYONE ? UNKNOWN : null);
}

export function isIn(room) {
  return room.id === EVERYONE || room.role !== undefined;
}

// Of a room that somebody only looks into there are no events.
export function isHeard({ rooms, place }) {
  const room = roomOf(rooms, place.roomId);
  return !room || isIn(room);
}

// Whether this person may write in the room that is shown, with all that can be done with
// messages there. An older service offers less.
export function mayWrite({ rooms, place, isMissing }) {
  const room = roomOf(rooms, place.roomId);
  return Boolean(rooms.areThere && room && isIn(room) && !room.archived && !isMissing);
}

// Who made it renames it, puts it away, and decides who is in it; an admin does so with
// public ones. Nobody owns a direct one.
export function mayChange({ kind, role }, isAdmin) {
  if (kind === "direct") return false;
  return role === "owner" || (kind === "public" && isAdmin);
}

export function mayRemove({ id, kind, role }, isAdmin) {
  if (id === EVERYONE || kind === "direct") return false;
  return kind === "public" ? isAdmin : role === "owner";
}

// What a person has read, or heard, since an answer was made, is newer than the answer.
function newest(known, room) {
  if (!known) return room;
  const isRead = (room.read_up_to ?? 0) > (known.read_up_to ?? 0);
  const isLate = room.change < known.change && !isRead;
  const isUnread = (room.read_up_to ?? 0) < (known.read_up_to ?? 0);
  if (!isIn(room) || !isIn(known) || !(isLate || isUnread)) {
    const newestId = room.change === known.change ? known.newestId : undefined;
    return { ...room, newestId };
  }
  const kept = Object.fromEntries(COUNTED_FIELDS.map((name) => [name, known[name]]));
  const change = Math.max(room.change, known.change);
  return { ...room, ...kept, change, newestId: known.newestId };
}
