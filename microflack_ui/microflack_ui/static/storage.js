// What the browser keeps between visits. It may refuse to keep anything (in a private
// window, on a full disk): then the page works all the same, and forgets.

const TOKEN = "microflack.token";
const NICKNAME = "microflack.nickname";

export const token = {
  get: () => read(localStorage, TOKEN),
  set: (value) => write(localStorage, TOKEN, value),

  // Calls back with the token, or with null, when another tab signs in or out.
  onChange(callback) {
    addEventListener("storage", (event) => {
      if (event.key === TOKEN || event.key === null) callback(event.newValue);
    });
  },
};

// Who signed in last: to sign in again they only need to type their password.
export const nickname = {
  get: () => read(localStorage, NICKNAME) ?? "",
  set: (value) => write(localStorage, NICKNAME, value),
};

// The message that somebody has begun to write.
export const draft = {
  get: (userId) => read(localStorage, `microflack.draft.${userId}`) ?? "",
  set: (userId, text) => write(localStorage, `microflack.draft.${userId}`, text),
};

// Messages that may not be stored yet. Each tab keeps its own, or two tabs would send
// the same message.
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
    // What the page shows now is in its memory.
  }
}
