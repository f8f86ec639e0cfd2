// Whom somebody has blocked. `blocked` is a set of ids, or null where the users service
// does not know that, or has not answered yet.

export function isBlocked({ blocked }, userId) {
  return Boolean(blocked?.has(userId));
}

// The rooms without conversations with one who is blocked. Such a room has no list of its
// people here, but the nickname, which nobody else has, as its name.
export function shownRooms({ rooms, people, blocked }) {
  if (!blocked?.size) return rooms;
  const names = new Set([...blocked].map((id) => people.byId.get(id)?.nickname));
  const isShown = ([, { kind, members, name }]) =>
    kind !== "direct" || members > 2 || !names.has(name);
  return { ...rooms, byId: new Map([...rooms.byId].filter(isShown)) };
}
