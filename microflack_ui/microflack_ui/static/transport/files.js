// Fetches the files of messages: only who may read the room gets them, so a request for
// one needs the token, which a link in the page cannot send.

import { bodyOf, Http } from "./http.js";

// So many pictures are kept. What a message shows is asked for again after that.
const MAX_KEPT = 100;

export class Files extends Http {
  // By address: promises of blobs' addresses.
  #pictures = new Map();
  #cache;

  // `cache`: whether the browser may keep them, as fetch() takes it.
  constructor(credentials, cache = "no-store") {
    super(credentials);
    this.#cache = cache;
  }

  close() {
    super.close();
    for (const picture of this.#pictures.values()) release(picture);
    this.#pictures.clear();
  }

  // Resolves to an address that an image can have.
  picture(url) {
    if (!this.#pictures.has(url)) {
      const picture = this.#fetch(url);
      this.#pictures.set(url, picture);
      picture.catch(() => this.#pictures.delete(url));
      this.#forgetOldest();
    }
    return this.#pictures.get(url);
  }

  // Gives it to the browser to save.
  async download(url, name) {
    const link = document.createElement("a");
    link.href = await this.#fetch(url);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  async #fetch(url) {
    const { pathname, search } = new URL(url, location.origin);
    const options = { cache: this.#cache, timeout: 120_000 };
    const response = await this.request("GET", pathname + search, options);
    return URL.createObjectURL(await bodyOf(response, "blob"));
  }

  #forgetOldest() {
    if (this.#pictures.size <= MAX_KEPT) return;
    const [url, picture] = this.#pictures.entries().next().value;
    this.#pictures.delete(url);
    release(picture);
  }
}

function release(picture) {
  picture.then(URL.revokeObjectURL, () => {});
}
