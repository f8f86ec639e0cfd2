// The people that the page knows, by id.

import { latestUpdate } from "./changes.js";
import { compare } from "./text.js";

// What others see of a person.
const SHOWN_FIELDS = ["nickname", "online", "admin", "deactivated", "picture_url"];

export const emptyPeople = Object.freeze({ byId: new Map(), lastUpdatedAt: 0 });

// What was fetched: the users that changed.
export function mergeChanges(people, users) {
  const merged = mergeEvents(people, users);
  const lastUpdatedAt = latestUpdate(people.lastUpdatedAt, users);
  return lastUpdatedAt === people.lastUpdatedAt ? merged : { ...merged, lastUpdatedAt };
}

// What was not fetched. `lastUpdatedAt` stays as it is, because an earlier change of
// somebody else may not have been fetched yet.
export function mergeEvents(people, users) {
  let { byId } = people;
  for (const user of users) {
    const known = byId.get(user.id);
    // An older release beside the one that told before does not know all fields.
    const told = { ...known, ...user };
    if (!replaces(told, known)) continue;
    if (byId === people.byId) byId = new Map(byId);
    byId.set(user.id, told);
  }
  return byId === people.byId ? people : { ...people, byId };
}

// True when a user is told in two versions of the same second: either may be the older
// one, so the server has to be asked.
export function isInDoubt(people, users) {
  return users.some((user) => {
    const known = people.byId.get(user.id);
    if (user.updated_at !== known?.updated_at) return false;
    return SHOWN_FIELDS.some((field) => field in user && user[field] !== known[field]);
  });
}

// Changes of people have no numbers. Of two versions of the same second the one that
// arrives later counts, until the server was asked.
function replaces(incoming, known) {
  if (!known) return true;
  if (incoming.updated_at !== known.updated_at)
    return incoming.updated_at > known.updated_at;
  return JSON.stringify(incoming) !== JSON.stringify(known);
}

// As the reader's language sorts them.
export function usersByName(people) {
  return [...people.byId.values()].sort((one, other) =>
    compare(one.nickname, other.nickname),
  );
}

// Those who take part, who is online first.
export function activeUsers(people) {
  const active = usersByName(people).filter((user) => !user.deactivated);
  return active.sort((one, other) => Number(other.online) - Number(one.online));
}

// Who sees this is online, while the page is: the server notices the end of a connection
// before it notices the next one.
export function withOneselfOnline(people, userId) {
  const me = people.byId.get(userId);
  if (!me || me.online) return people;
  return { ...people, byId: new Map(people.byId).set(userId, { ...me, online: true }) };
}

export function isAdmin(people, userId) {
  return Boolean(people.byId.get(userId)?.admin);
}

export function pictureOf(people, userId) {
  return people.byId.get(userId)?.picture_url;
}

// Somebody, where the users service knows pictures; else null.
export function withPicture(people, userId) {
  const user = people.byId.get(userId);
  return user && user.picture_url !== undefined ? user : null;
}

// A message may arrive before its author does: the next poll brings the name.
export function nicknameOf(people, userId) {
  return people.byId.get(userId)?.nickname ?? "Someone";
}
