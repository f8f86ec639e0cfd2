// The messages that the page knows, ordered by id: all from the oldest one that is
// loaded up to now.
//
// All functions return a new conversation, or the same one when nothing has changed.

import { latestUpdate, replaces } from "./changes.js";
import { addNumbers, advanceTo, noSequence, startAt } from "./sequence.js";

export const PAGE_SIZE = 50;

// Higher than any id, and still exact as a number.
export const MAX_ID = Number.MAX_SAFE_INTEGER;

// What a browser can draw again and again without effort, and what is kept of a
// conversation that has become longer than that.
const MAX_MESSAGES = 600;
const TRIMMED_MESSAGES = 300;

export const emptyConversation = Object.freeze({
  messages: Object.freeze([]),
  // The latest `updated_at`, in seconds, of what was fetched.
  lastUpdatedAt: 0,
  sequence: noSequence,
  loaded: false,
  reachedStart: false,
});

// The newest messages, with which a conversation begins. `change` is the number of the
// last change in them.
export function mergeNewestPage(conversation, page, change) {
  return {
    messages: merge(conversation.messages, page),
    lastUpdatedAt: latestUpdate(conversation.lastUpdatedAt, page),
    sequence: startAt(change),
    loaded: true,
    reachedStart: page.length < PAGE_SIZE,
  };
}

export function mergeOlderPage(conversation, page) {
  return {
    ...conversation,
    messages: merge(conversation.messages, page),
    reachedStart: page.length < PAGE_SIZE,
  };
}

// What was fetched: the messages that changed. Only those in `shown` become visible.
export function mergeChanges(conversation, messages, shown = messages) {
  const merged = mergeEvents(conversation, shown);
  const lastUpdatedAt = latestUpdate(conversation.lastUpdatedAt, messages);
  return lastUpdatedAt === conversation.lastUpdatedAt
    ? merged
    : { ...merged, lastUpdatedAt };
}

// What was not fetched: events, and what we wrote. `lastUpdatedAt` stays as it is,
// because an earlier change of somebody else may not have been fetched yet.
export function mergeEvents(conversation, incoming) {
  const messages = merge(conversation.messages, withinLoaded(conversation, incoming));
  return messages === conversation.messages
    ? conversation
    : { ...conversation, messages };
}

// Counting begins at this number, even when it is lower than the last one.
export function startSequence(conversation, change) {
  return { ...conversation, sequence: startAt(change) };
}

// All changes up to this number were fetched.
export function advanceSequence(conversation, change) {
  return { ...conversation, sequence: advanceTo(conversation.sequence, change) };
}

export function recordNumbers(conversation, messages) {
  const sequence = addNumbers(conversation.sequence, messages);
  return sequence === conversation.sequence
    ? conversation
    : { ...conversation, sequence };
}

// Without its older part, once it is long. That part can be loaded again.
export function trimmed(conversation) {
  const { messages } = conversation;
  return messages.length <= MAX_MESSAGES
    ? conversation
    : {
        ...conversation,
        messages: messages.slice(-TRIMMED_MESSAGES),
        reachedStart: false,
      };
}

export function oldestId(conversation) {
  return conversation.messages.length ? conversation.messages[0].id : MAX_ID;
}

export function newestId(conversation) {
  return conversation.messages.length ? conversation.messages.at(-1).id : 0;
}

export function lastMessageOf(conversation, userId) {
  return conversation.messages.findLast((message) => message.user_id === userId);
}

export function find(conversation, id) {
  return conversation.messages.find((message) => message.id === id);
}

// Those of `incoming` that are not in the conversation yet.
export function newMessages(conversation, incoming) {
  const known = new Set(conversation.messages.map((message) => message.id));
  return withinLoaded(conversation, incoming).filter(
    (message) => !known.has(message.id),
  );
}

// Leaves out what is older than the loaded messages. An old message that was edited
// would become the oldest one here, and loading history would skip all between it and
// the rest.
function withinLoaded(conversation, incoming) {
  if (conversation.reachedStart) return incoming;
  const oldest = oldestId(conversation);
  return incoming.filter((message) => message.id >= oldest);
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
