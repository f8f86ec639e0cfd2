// Holds the state of the page: one object, which is replaced and never changed.

export function createStore(initial) {
  let state = initial;
  const listeners = new Set();

  return {
    get: () => state,

    // Listeners hear of real changes only: a poll that brings nothing draws nothing.
    set(patch) {
      const changed = Object.keys(patch).some((key) => patch[key] !== state[key]);
      if (!changed) return;
      state = { ...state, ...patch };
      for (const listener of [...listeners]) listener(state);
    },

    // Returns a function that ends it.
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
