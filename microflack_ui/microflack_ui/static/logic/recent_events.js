// The latest events. An answer that was asked for before them may be older than they.

const KEPT = 1000;

export class Recent {
  #events = [];
  #count = 0;

  add(event) {
    this.#count += 1;
    this.#events.push(event);
    if (this.#events.length > KEPT) this.#events.shift();
  }

  // A place in the course of events.
  mark() {
    return this.#count;
  }

  since(mark) {
    const count = this.#count - mark;
    return count > 0 ? this.#events.slice(-count) : [];
  }
}
