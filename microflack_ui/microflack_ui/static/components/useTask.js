// Something that takes a while and may fail: whether it is under way, and what came of it.

import { useState } from "preact/hooks";

const IDLE = Object.freeze({ busy: false, problem: "", done: "" });

// Returns { busy, problem, done, run, clear }. `run(task)` resolves to true when `task`
// did not throw; what it resolved to is the sentence that `done` says.
export function useTask() {
  const [state, setState] = useState(IDLE);

  async function run(task) {
    setState({ ...IDLE, busy: true });
    try {
      const done = (await task()) ?? "";
      setState({ ...IDLE, done });
      return true;
    } catch (error) {
      setState({ ...IDLE, problem: error.message });
      return false;
    }
  }

  return { ...state, run, clear: () => setState(IDLE) };
}
