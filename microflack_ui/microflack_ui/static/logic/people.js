// The people the page knows, by id.

import { newestOf, replaces } from "./changes.js";

export const nobody = Object.freeze({ byId: new Map(), newestChange: 0 });

// The answer of a poll.
export function withPeople(people, users) {
  const merged = withNews(people, users);
  const newestChange = newestOf(people.newestChange, users);
  return newestChange === people.newestChange ? merged : { ...merged, newestChange };
}

// Events. They must not move `newestChange`: see conversation.js.
export function withNews(people, users) {
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

// Those online first, each part by name as the reader's language sorts it.
export function listed(people) {
  return [...people.byId.values()].sort(
    (one, other) =>
      Number(other.online) - Number(one.online) ||
      compare(one.nickname, other.nickname),
  );
}

// A message can be here before its author is: the next poll brings the name.
export function nicknameOf(people, userId) {
  return people.byId.get(userId)?.nickname ?? "Someone";
}
