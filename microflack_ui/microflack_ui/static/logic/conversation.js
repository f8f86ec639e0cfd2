// The messages of a room that the page knows, ordered by id: all from the oldest one that
// is loaded up to now. Of a part of the history, which a link leads to, up to the newest
// one that is loaded.
//
// All functions return a new conversation, or the same one when nothing has changed.

import { latestUpdate } from "./changes.js";
import { EVERYONE } from "./rooms.js";

export const PAGE_SIZE = 50;

// Higher than any id, and still exact as a number.
export const MAX_ID = Number.MAX_SAFE_INTEGER;

// What a browser can draw again and again without effort, and what is kept of a
// conversation that has become longer than that.
const MAX_MESSAGES = 300;
const TRIMMED_MESSAGES = 200;

export const emptyConversation = Object.freeze({
  messages: Object.freeze([]),
  // The number up to which all changes are known; null where changes have no numbers.
  lastChange: null,
  // The latest `updated_at`, in seconds, of what was fetched.
  lastUpdatedAt: 0,
  loaded: false,
  reachedStart: false,
  // Whether it ends before now.
  isPart: false,
});

// A page is what a request for messages was answered with. One that is cut, since its
// messages are long, is short without being the last one back.
const isFirst = ({ messages, _links: links }) =>
  messages.length < PAGE_SIZE && !links?.next;

// What a conversation begins with: the newest messages, and the number of the last
// change in them.
export function startWith(page) {
  return {
    messages: merge([], page.messages),
    lastChange: page.change ?? null,
    lastUpdatedAt: latestUpdate(0, page.messages),
    loaded: true,
    reachedStart: isFirst(page),
    isPart: false,
  };
}

// What surrounds a message.
export function startWithPart(page) {
  return { ...startWith(page), reachedStart: false, isPart: true };
}

// A part of the history with what follows it. When that is nothing, it has come up to now:
// to the number of this answer, since messages that were newer were left out before.
export function mergeNewerPage(conversation, page) {
  const messages = merge(conversation.messages, page.messages);
  return newestId(page) > newestId(conversation)
    ? { ...conversation, messages }
    : { ...conversation, messages, lastChange: page.change, isPart: false };
}

// `before` is the conversation from which the page was asked for. What changed since may
// be older in it: going back there has that fetched again.
export function mergeOlderPage(conversation, page, before) {
  return {
    ...conversation,
    messages: merge(conversation.messages, page.messages),
    lastChange: before.lastChange,
    lastUpdatedAt: before.lastUpdatedAt,
    reachedStart: isFirst(page),
  };
}

export function mergeMessages(conversation, incoming) {
  const messages = merge(conversation.messages, withinLoaded(conversation, incoming));
  return messages === conversation.messages
    ? conversation
    : { ...conversation, messages };
}

// Everything in `fetched` is known now, whether it is shown or not, and so are all
// changes up to the number `change`, if changes are counted.
export function advance(conversation, fetched, change) {
  const known = conversation.lastChange;
  const lastChange = known === null ? null : Math.max(known, change);
  const lastUpdatedAt = latestUpdate(conversation.lastUpdatedAt, fetched);
  return withPosition(conversation, { lastChange, lastUpdatedAt });
}

// Changes are counted from this number on; without one they are not.
export function countFrom(conversation, lastChange = null) {
  return withPosition(conversation, { ...conversation, lastChange });
}

function withPosition(conversation, { lastChange, lastUpdatedAt }) {
  return lastChange === conversation.lastChange &&
    lastUpdatedAt === conversation.lastUpdatedAt
    ? conversation
    : { ...conversation, lastChange, lastUpdatedAt };
}

// As it was before this change: what came with it and later is to be fetched again.
export function rewound(conversation, change) {
  const lastChange = Math.min(conversation.lastChange, change - 1);
  return { ...conversation, lastChange };
}

// Releases that know no rooms do not say in which one a message is.
export function isInRoom({ room_id: roomId = EVERYONE }, id) {
  return roomId === id;
}

// The first message of others after the one up to which somebody has read. Null where
// it is not loaded, or not known whether it is.
export function firstUnread({ messages, reachedStart }, readMark, userId) {
  if (readMark === null) return null;
  const first = messages.findIndex(
    (one) => one.id > readMark && one.user_id !== userId && !one.deleted,
  );
  return first > 0 || (first === 0 && reachedStart) ? messages[first] : null;
}

// Where two versions have numbers, the higher one is newer. Without numbers only what
// was fetched gets here, one answer after the other: the later one counts.
export function replaces(incoming, known) {
  if (!known) return true;
  if (incoming.change && known.change) return incoming.change > known.change;
  return JSON.stringify(incoming) !== JSON.stringify(known);
}

// Without its older part, once it is long. That part can be loaded again.
export function trimmed(conversation) {
  const messages = conversation.messages.slice(-TRIMMED_MESSAGES);
  return isLong(conversation)
    ? { ...conversation, messages, reachedStart: false }
    : conversation;
}

// Only the messages between two ids, once it is long: a part of the history where what is
// newer was left out. Null stands for no bound.
export function cutTo(conversation, firstId, lastId) {
  if (!isLong(conversation)) return conversation;
  const first = firstId ?? oldestId(conversation);
  const last = lastId ?? newestId(conversation);
  const messages = conversation.messages.filter(({ id }) => id >= first && id <= last);
  if (messages.length === conversation.messages.length) return conversation;
  return {
    ...conversation,
    messages,
    reachedStart: conversation.reachedStart && first <= oldestId(conversation),
    isPart: conversation.isPart || last < newestId(conversation),
  };
}

export function isLong({ messages }) {
  return messages.length > MAX_MESSAGES;
}

export function oldestId(conversation) {
  return conversation.messages.length ? conversation.messages[0].id : MAX_ID;
}

export function newestId(conversation) {
  return conversation.messages.length ? conversation.messages.at(-1).id : 0;
}

export function lastMessageOf(conversation, userId) {
  const isOwn = (message) => message.user_id === userId && !message.deleted;
  return conversation.messages.findLast(isOwn);
}

export function find(conversation, id) {
  return conversation.messages.find((message) => message.id === id);
}

// How many others have written after the message that was seen last: not those who are
// blocked. What follows a part of the history is not counted.
export function countUnseen({ messages, isPart }, lastSeenId, { userId, blocked }) {
  const isUnseen = ({ id, user_id: author }) =>
    id > lastSeenId && author !== userId && !blocked?.has(author);
  return isPart ? 0 : messages.filter(isUnseen).length;
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
// the rest. The same holds for what is newer than a part of the history.
function withinLoaded(conversation, incoming) {
  const { reachedStart, isPart } = conversation;
  const oldest = reachedStart ? 0 : oldestId(conversation);
  const newest = isPart ? newestId(conversation) : MAX_ID;
  return incoming.filter(({ id }) => id >= oldest && id <= newest);
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
