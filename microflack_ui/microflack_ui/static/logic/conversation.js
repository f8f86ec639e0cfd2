// The messages the page knows: an unbroken stretch of history up to now, by id.

import { newestOf, replaces } from "./changes.js";

export const PAGE = 50;

// Greater than any id, and still exact as a number: "the page before the end".
export const FROM_THE_END = Number.MAX_SAFE_INTEGER;

export const emptyConversation = Object.freeze({
  messages: Object.freeze([]),
  newestChange: 0,
  loaded: false,
  reachedStart: false,
});

export function withNewestPage(conversation, page) {
  return {
    messages: merge(conversation.messages, page),
    newestChange: newestOf(conversation.newestChange, page),
    loaded: true,
    reachedStart: page.length < PAGE,
  };
}

// The answer of a poll. It may tell of edits in history that is not loaded: those are
// left out, or paging back would jump over everything between them and the rest.
export function withChanges(conversation, changes) {
  const messages = merge(conversation.messages, withinLoaded(conversation, changes));
  const newestChange = newestOf(conversation.newestChange, changes);
  if (
    messages === conversation.messages &&
    newestChange === conversation.newestChange
  ) {
    return conversation;
  }
  return { ...conversation, messages, newestChange };
}

// One message that we wrote ourselves. It must not move `newestChange`: what others
// wrote before it may not have been polled yet.
export function withOwn(conversation, message) {
  const messages = merge(conversation.messages, [message]);
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

export function oldestId(conversation) {
  return conversation.messages.length ? conversation.messages[0].id : FROM_THE_END;
}

export function newestId(conversation) {
  return conversation.messages.length ? conversation.messages.at(-1).id : 0;
}

export function lastBy(conversation, userId) {
  return conversation.messages.findLast((message) => message.user_id === userId);
}

function withinLoaded(conversation, changes) {
  if (conversation.reachedStart) return changes;
  const oldest = oldestId(conversation);
  return changes.filter((message) => message.id >= oldest);
}

function merge(known, incoming) {
  const byId = new Map(known.map((message) => [message.id, message]));
  const news = incoming.filter((message) => replaces(message, byId.get(message.id)));
  if (!news.length) return known;
  for (const message of news) byId.set(message.id, message);
  return [...byId.values()].sort((one, other) => one.id - other.id);
}
