// Hands on a flood of items in batches: the first item at once, those that follow it
// together. Drawing the page for each of them would leave no time for anything else.

const INTERVAL_MS = 100;

export class Batcher {
  #onBatch;
  #items = [];
  #timer = null;

  // `onBatch` is called with a list of items.
  constructor(onBatch) {
    this.#onBatch = onBatch;
  }

  add(item) {
    this.#items.push(item);
    if (this.#timer === null) this.#flush();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#items = [];
  }

  #flush() {
    this.#timer = null;
    if (!this.#items.length) return;
    const items = this.#items;
    this.#items = [];
    this.#timer = setTimeout(() => this.#flush(), INTERVAL_MS);
    this.#onBatch(items);
  }
}
