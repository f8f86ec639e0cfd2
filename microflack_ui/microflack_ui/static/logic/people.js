// The people that the page knows, by id.

import { latestUpdate, replaces } from "./changes.js";

export const emptyPeople = Object.freeze({ byId: new Map(), lastUpdatedAt: 0 });

// What was fetched: the users that changed.
export function mergeChanges(people, users) {
  const merged = mergeEvents(people, users);
  const lastUpdatedAt = latestUpdate(people.lastUpdatedAt, users);
  return lastUpdatedAt === people.lastUpdatedAt ? merged : { ...merged, lastUpdatedAt };
}

// What was not fetched. `lastUpdatedAt` stays as it is: see conversation.js.
export function mergeEvents(people, users) {
  let { byId } = people;
  for (const user of users) {
    if (!replaces(user, byId.get(user.id))) continue;
    if (byId === people.byId) byId = new Map(byId);
    byId.set(user.id, user);
  }
  return byId === people.byId ? people : { ...people, byId };
}

const { compare } = new Intl.Collator(undefined, {
  sensitivity: "base",
  numeric: true,
});

// Those who are online first, then by name, as the reader's language sorts.
export function sortedUsers(people) {
  return [...people.byId.values()].sort(
    (one, other) =>
      Number(other.online) - Number(one.online) ||
      compare(one.nickname, other.nickname),
  );
}

// A message may arrive before its author does: the next poll brings the name.
export function nicknameOf(people, userId) {
  return people.byId.get(userId)?.nickname ?? "Someone";
}
