// The people the page knows, by id.

import { newestOf, replaces } from "./changes.js";

export const nobody = Object.freeze({ byId: new Map(), newestChange: 0 });

export function withPeople(people, users) {
  const news = users.filter((user) => replaces(user, people.byId.get(user.id)));
  const newestChange = newestOf(people.newestChange, users);
  if (!news.length) {
    return newestChange === people.newestChange ? people : { ...people, newestChange };
  }
  const byId = new Map(people.byId);
  for (const user of news) byId.set(user.id, user);
  return { byId, newestChange };
}

// Those online first, each part by name as the reader's language sorts it.
export function listed(people) {
  const { compare } = new Intl.Collator(undefined, {
    sensitivity: "base",
    numeric: true,
  });
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
