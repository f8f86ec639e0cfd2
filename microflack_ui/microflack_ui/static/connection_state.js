// Says in the state of the page whether what is shown is up to date.

export class ConnectionState {
  #store;
  #isLiveFailing;
  #cameBack;

  // `isLiveFailing()` says whether there is no live connection, and none is expected.
  // `cameBack()` is called when servers that were away answer again.
  constructor({ store, isLiveFailing, cameBack }) {
    this.#store = store;
    this.#isLiveFailing = isLiveFailing;
    this.#cameBack = cameBack;
  }

  // After everything was asked for; `error` is one that came back.
  show(error = null) {
    const wasAway = ["offline", "trouble"].includes(this.#store.get().connection);
    const trouble = error && navigator.onLine ? error.message : "";
    let connection = this.#isLiveFailing() ? "polling" : "online";
    if (error) connection = navigator.onLine ? "trouble" : "offline";
    this.#store.set({ connection, trouble });
    if (wasAway && !error) this.#cameBack();
  }

  liveFailed() {
    if (this.#store.get().connection === "online") this.show();
  }
}
