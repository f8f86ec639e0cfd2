// The files that go with the next message: they are uploaded while it is written.

import { randomId } from "../tabs.js";
import { MAX_FILE_BYTES, upload } from "../transport/upload.js";

const TOO_LARGE = "It has more than 25 MB.";
const EMPTY = "It is empty.";

export class Uploads {
  #credentials;
  #store;
  // By key.
  #controllers = new Map();

  constructor({ credentials, store }) {
    this.#credentials = credentials;
    this.#store = store;
  }

  stop() {
    for (const controller of this.#controllers.values()) controller.abort();
  }

  add = (files) => {
    const { roomId } = this.#store.get().place;
    for (const file of files) this.#upload(file, roomId);
  };

  remove = (key) => {
    this.#controllers.get(key)?.abort();
    this.#files = this.#files.filter((one) => one.key !== key);
  };

  async #upload(file, roomId) {
    const key = randomId();
    const item = { key, roomId, name: file.name, progress: 0, id: null };
    this.#files = [...this.#files, { ...item, problem: problemOf(file) }];
    if (problemOf(file)) return;
    const controller = new AbortController();
    this.#controllers.set(key, controller);
    try {
      const { id } = await upload(roomId, file, {
        credentials: this.#credentials,
        signal: controller.signal,
        onProgress: (progress) => this.#change(key, { progress }),
      });
      this.#change(key, { id, progress: 1 });
    } catch (error) {
      this.#change(key, { problem: error.message });
    }
    this.#controllers.delete(key);
  }

  #change(key, fields) {
    this.#files = this.#files.map((one) =>
      one.key === key ? { ...one, ...fields } : one,
    );
  }

  get #files() {
    return this.#store.get().uploads;
  }

  set #files(uploads) {
    this.#store.set({ uploads });
  }
}

function problemOf({ size }) {
  if (!size) return EMPTY;
  return size > MAX_FILE_BYTES ? TOO_LARGE : "";
}
