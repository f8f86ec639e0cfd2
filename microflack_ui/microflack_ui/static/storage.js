// What the browser keeps between visits. It may refuse to keep anything (in a private
// window, on a full disk): then the page works all the same, and forgets.

const PREFIX = "microflack.";
const TOKEN = `${PREFIX}token`;
const SESSION = `${PREFIX}session`;
const NICKNAME = `${PREFIX}nickname`;
const TAB = `${PREFIX}tab`;
const ALERTS = `${PREFIX}alerts`;

const ENDED = "ended";
const LEAVING = "leaving";

// Whose session the cookie holds. Scripts cannot see that, nor should they.
export const session = {
  userId: () => Number(read(localStorage, SESSION)) || null,
  set: (userId) => write(localStorage, SESSION, String(userId)),
  // It is over, but nobody has signed out.
  end: () => write(localStorage, SESSION, ENDED),
  // Somebody has signed out, but the server was not reached yet.
  leave: () => write(localStorage, SESSION, LEAVING),
  isLeaving: () => read(localStorage, SESSION) === LEAVING,
  clear: () => write(localStorage, SESSION, ""),
};

// The token of an older tokens service, which knows no sessions.
export const token = {
  get: () => read(localStorage, TOKEN),
  set: (value) => write(localStorage, TOKEN, value),
  clear: () => write(localStorage, TOKEN, ""),
};

// Calls back when another tab signs in (`userId` or `token`), out, or has found its
// session ended.
export function onSessionChange(callback) {
  addEventListener("storage", ({ key, newValue }) => {
    if (key === SESSION)
      callback({ userId: Number(newValue) || null, ended: newValue === ENDED });
    else if (key === TOKEN || key === null) callback({ token: newValue });
  });
}

// Who signed in last: to sign in again they only need to type their password.
export const nickname = {
  get: () => read(localStorage, NICKNAME) ?? "",
  set: (value) => write(localStorage, NICKNAME, value),
};

// Which tab this is; it is kept when the tab is loaded again.
export const tab = {
  get: () => read(sessionStorage, TAB) ?? "",
  set: (id) => write(sessionStorage, TAB, id),
};

// The message that somebody has begun to write in a tab. Release 4 kept one for all, as
// that of a tab without an id.
export const draft = {
  get: (userId, tabId) => read(localStorage, keyOf("draft", userId, tabId)) ?? "",
  set: (userId, tabId, text) =>
    write(localStorage, keyOf("draft", userId, tabId), text),
  tabs: (userId) => tabsWith("draft", userId),
};

// Messages that may not be stored yet.
export const outbox = {
  get: (userId, tabId) =>
    parsed(read(localStorage, keyOf("outbox", userId, tabId))) ?? [],
  set(userId, tabId, items) {
    const text = items.length ? JSON.stringify(items) : "";
    write(localStorage, keyOf("outbox", userId, tabId), text);
  },
  tabs: (userId) => tabsWith("outbox", userId),
  // Those that release 4 has left in this tab.
  takeOlder(userId) {
    const key = keyOf("outbox", userId, "");
    const items = parsed(read(sessionStorage, key)) ?? [];
    write(sessionStorage, key, "");
    return items;
  },
};

// The same for the other rooms: { room: text }, and [messages]. They are kept apart, so
// that an older release of the page, which knows one room, does not send them there.
export const roomDrafts = keptByTab("room-draft", {});
export const roomOutbox = keptByTab("room-outbox", []);

function keptByTab(kind, nothing) {
  return {
    get: (userId, tabId) =>
      parsed(read(localStorage, keyOf(kind, userId, tabId))) ?? nothing,
    set(userId, tabId, value) {
      const text = Object.keys(value).length ? JSON.stringify(value) : "";
      write(localStorage, keyOf(kind, userId, tabId), text);
    },
    tabs: (userId) => tabsWith(kind, userId),
  };
}

// How somebody wants to be told of news: { desktop, sound }.
export const alerts = {
  get: () => parsed(read(localStorage, ALERTS)) ?? {},
  set: (value) => write(localStorage, ALERTS, JSON.stringify(value)),
};

// Whom somebody has blocked: ids; null before that was known.
export const blocked = {
  get: (userId) => parsed(read(localStorage, keyOf("blocked", userId))),
  set: (userId, ids) =>
    write(localStorage, keyOf("blocked", userId), JSON.stringify(ids)),
};

// What somebody wants to be told while no page is open: { withText }; null: nothing.
export const webPush = {
  get: (userId) => parsed(read(localStorage, keyOf("web-push", userId))),
  set: (userId, value) =>
    write(localStorage, keyOf("web-push", userId), JSON.stringify(value)),
  clear: (userId) => write(localStorage, keyOf("web-push", userId), ""),
};

// Nothing stays of who has signed out.
export function forgetEverything() {
  for (const key of keys()) write(localStorage, key, "");
}

function keyOf(kind, userId, tabId) {
  return `${PREFIX}${kind}.${userId}${tabId && `.${tabId}`}`;
}

function tabsWith(kind, userId) {
  const start = `${PREFIX}${kind}.${userId}`;
  return keys()
    .filter((key) => key === start || key.startsWith(`${start}.`))
    .map((key) => key.slice(start.length + 1));
}

function keys() {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
  } catch {
    return [];
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function read(storage, key) {
  try {
    return storage.getItem(key);
  } catch {
    return null;
  }
}

function write(storage, key, value) {
  try {
    if (value) storage.setItem(key, value);
    else storage.removeItem(key);
  } catch {
    // What the page shows now is in its memory.
  }
}
