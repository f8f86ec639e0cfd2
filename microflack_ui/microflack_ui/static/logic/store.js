// The state of the page: one object, replaced as a whole, with listeners.

export function createStore(initial) {
  let state = initial;
  const listeners = new Set();

  return {
    get: () => state,

    // Listeners hear only of real changes, so a poll that brings nothing draws nothing.
    set(patch) {
      const changed = Object.keys(patch).some((key) => patch[key] !== state[key]);
      if (!changed) return;
      state = { ...state, ...patch };
      for (const listener of [...listeners]) listener(state);
    },

    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
