// Where somebody can go: rooms and people, by a part of their names.

import { shownRooms } from "./blocked.js";
import { matching } from "./completion.js";
import { activeUsers } from "./people.js";
import { isIn } from "./rooms.js";
import { sorted } from "./unread.js";

const MAX_SHOWN = 12;

// Returns [{ key, name, note, room or user }], rooms that one is in first.
export function destinations(state, text) {
  const { people, userId } = state;
  const all = sorted([...shownRooms(state).byId.values()]);
  const own = all.filter(isIn);
  const others = all.filter((room) => !isIn(room));
  const users = activeUsers(people).filter(({ id }) => id !== userId);
  const places = [
    ...own.map((room) => placeOf(room, room.unread ? `${room.unread} unread` : "")),
    ...others.map((room) => placeOf(room, "you are not in it")),
    ...users.map((user) => ({
      key: `user-${user.id}`,
      name: user.nickname,
      note: user.online ? "online" : "",
      user,
    })),
  ];
  const query = text.trim();
  if (!query) return places.slice(0, MAX_SHOWN);
  return matching(places, query, ({ name }) => name);
}

function placeOf(room, note) {
  return { key: `room-${room.id}`, name: room.name ?? "", note, room };
}
