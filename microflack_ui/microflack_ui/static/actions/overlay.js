// What lies over the chat: a dialog, or why something was not done.

export class Overlay {
  #store;

  constructor({ store }) {
    this.#store = store;
  }

  // `subject` is what the dialog is about: a message, say.
  show = (name, subject = null) => this.#store.set({ dialog: { name, subject } });
  close = () => this.#store.set({ dialog: null });
  dismissProblem = () => this.#store.set({ problem: "" });

  // Shows why a task failed. Resolves to whether it did not.
  attempt = async (task) => {
    this.dismissProblem();
    try {
      await task();
      return true;
    } catch (error) {
      this.#store.set({ problem: error.message });
      return false;
    }
  };
}
