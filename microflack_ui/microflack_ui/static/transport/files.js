// Fetches the files of messages: only who may read the room gets them, so a request for
// one needs the token, which a link in the page cannot send.

import { bodyOf, Http } from "./http.js";

// So many pictures are kept. What a message shows is asked for again after that.
const MAX_KEPT = 100;

export class Files extends Http {
  // By address: a promise of a blob's address, and whether it is there.
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
    return (this.#pictures.get(url) ?? this.#load(url)).address;
  }

  #load(url) {
    const picture = { address: this.#fetch(url), isThere: false };
    this.#pictures.set(url, picture);
    picture.address.then(
      () => {
        picture.isThere = true;
        this.#forgetOldest(url);
      },
      () => this.#pictures.delete(url),
    );
    return picture;
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

  // Whoever waits for one that is on its way would be given what is gone.
  #forgetOldest(newest) {
    if (this.#pictures.size <= MAX_KEPT) return;
    for (const [url, picture] of this.#pictures) {
      if (url === newest || !picture.isThere) continue;
      this.#pictures.delete(url);
      release(picture);
      return;
    }
  }
}

function release({ address }) {
  address.then(URL.revokeObjectURL, () => {});
}
