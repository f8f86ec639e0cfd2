// The latest events: an answer that was asked for before them must not undo them.

const MAX_EVENTS = 1000;

export class RecentEvents {
  #events = [];
  #count = 0;

  add(event) {
    this.#count += 1;
    this.#events.push(event);
    if (this.#events.length > MAX_EVENTS) this.#events.shift();
  }

  // How many events there have been: what `after` takes.
  position() {
    return this.#count;
  }

  after(position) {
    const count = this.#count - position;
    return count > 0 ? this.#events.slice(-count) : [];
  }
}
