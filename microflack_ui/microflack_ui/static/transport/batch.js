// Hands on what comes in numbers: the first at once, what follows it in heaps. Drawing
// the page for each single event would leave no time for anything else.

const PAUSE_MS = 100;

export class Batch {
  #deliver;
  #items = [];
  #timer = null;

  constructor(deliver) {
    this.#deliver = deliver;
  }

  add(item) {
    this.#items.push(item);
    if (this.#timer === null) this.#hand();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#items = [];
  }

  #hand() {
    this.#timer = null;
    if (!this.#items.length) return;
    const items = this.#items;
    this.#items = [];
    this.#timer = setTimeout(() => this.#hand(), PAUSE_MS);
    this.#deliver(items);
  }
}
