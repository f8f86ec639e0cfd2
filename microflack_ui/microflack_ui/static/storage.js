// What the browser keeps between visits. A browser may refuse to keep anything
// (private windows, full disk): then the page works, and forgets.

const TOKEN = "microflack.token";
const NICKNAME = "microflack.nickname";

export const token = {
  get: () => read(localStorage, TOKEN),
  set: (value) => write(localStorage, TOKEN, value),

  // Calls back when another tab signs in or out.
  onChange(callback) {
    addEventListener("storage", (event) => {
      if (event.key === TOKEN || event.key === null) callback(event.newValue);
    });
  },
};

// Who signed in last, so that signing in again takes only the password.
export const nickname = {
  get: () => read(localStorage, NICKNAME) ?? "",
  set: (value) => write(localStorage, NICKNAME, value),
};

// The message somebody has begun to write.
export const draft = {
  get: (userId) => read(localStorage, `microflack.draft.${userId}`) ?? "",
  set: (userId, text) => write(localStorage, `microflack.draft.${userId}`, text),
};

// Messages not known to be stored. Kept for this tab only: two would both send them.
export const outbox = {
  get(userId) {
    try {
      return JSON.parse(read(sessionStorage, `microflack.outbox.${userId}`)) ?? [];
    } catch {
      return [];
    }
  },
  set(userId, items) {
    const text = items.length ? JSON.stringify(items) : "";
    write(sessionStorage, `microflack.outbox.${userId}`, text);
  },
};

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
    // Nothing is lost that the page shows now.
  }
}
