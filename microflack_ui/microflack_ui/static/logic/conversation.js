// The messages the page knows: an unbroken stretch of history up to now, by id.

import { newestOf, replaces } from "./changes.js";
import { knownUpTo, startingAt, unnumbered, withNumbers } from "./sequence.js";

export const PAGE = 50;

// As many as a browser draws again and again without effort, and what is left of them.
const LONGEST = 600;
const SHORT = 300;

// Greater than any id, and still exact as a number: "the page before the end".
export const FROM_THE_END = Number.MAX_SAFE_INTEGER;

export const emptyConversation = Object.freeze({
  messages: Object.freeze([]),
  newestChange: 0,
  numbers: unnumbered,
  loaded: false,
  reachedStart: false,
});

export function withNewestPage(conversation, page, change) {
  return {
    messages: merge(conversation.messages, page),
    newestChange: newestOf(conversation.newestChange, page),
    numbers: startingAt(change),
    loaded: true,
    reachedStart: page.length < PAGE,
  };
}

// The answer of a poll, of which `shown` is to be seen now.
export function withChanges(conversation, changes, shown = changes) {
  const merged = withNews(conversation, shown);
  const newestChange = newestOf(conversation.newestChange, changes);
  return newestChange === conversation.newestChange
    ? merged
    : { ...merged, newestChange };
}

// All changes up to this number are there, also when numbers are given anew.
export function countedFrom(conversation, change) {
  return { ...conversation, numbers: startingAt(change) };
}

export function countedUpTo(conversation, change) {
  return { ...conversation, numbers: knownUpTo(conversation.numbers, change) };
}

export function withEventNumbers(conversation, models) {
  const numbers = withNumbers(conversation.numbers, models);
  return numbers === conversation.numbers ? conversation : { ...conversation, numbers };
}

// What came by itself: events, and what we wrote. It must not move `newestChange`: what
// others wrote before it may not have been fetched yet.
export function withNews(conversation, news) {
  const messages = merge(conversation.messages, withinLoaded(conversation, news));
  return messages === conversation.messages
    ? conversation
    : { ...conversation, messages };
}

export function withHistory(conversation, page) {
  return {
    ...conversation,
    messages: merge(conversation.messages, page),
    reachedStart: page.length < PAGE,
  };
}

// Without its older part, once it is long: that can be loaded again.
export function shortened(conversation) {
  const { messages } = conversation;
  return messages.length <= LONGEST
    ? conversation
    : { ...conversation, messages: messages.slice(-SHORT), reachedStart: false };
}

export function oldestId(conversation) {
  return conversation.messages.length ? conversation.messages[0].id : FROM_THE_END;
}

export function newestId(conversation) {
  return conversation.messages.length ? conversation.messages.at(-1).id : 0;
}

export function lastBy(conversation, userId) {
  return conversation.messages.findLast((message) => message.user_id === userId);
}

export function find(conversation, id) {
  return conversation.messages.find((message) => message.id === id);
}

// Those of `news` that were not here before.
export function newcomers(conversation, news) {
  const known = new Set(conversation.messages.map((message) => message.id));
  return withinLoaded(conversation, news).filter((message) => !known.has(message.id));
}

// News may tell of edits in history that is not loaded: those are left out, or paging
// back would jump over everything between them and the rest.
function withinLoaded(conversation, changes) {
  if (conversation.reachedStart) return changes;
  const oldest = oldestId(conversation);
  return changes.filter((message) => message.id >= oldest);
}

function merge(known, incoming) {
  const byId = new Map(known.map((message) => [message.id, message]));
  let changed = false;
  for (const message of incoming) {
    if (!replaces(message, byId.get(message.id))) continue;
    byId.set(message.id, message);
    changed = true;
  }
  if (!changed) return known;
  return [...byId.values()].sort((one, other) => one.id - other.id);
}
