// How long to wait after failures: doubling, bounded, and never all clients at once.

const FIRST_MS = 1000;
const LONGEST_MS = 30_000;

export function delayAfter(failures, { retryAfter = 0, random = Math.random } = {}) {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
  const jittered = full / 2 + (full / 2) * random();
  return Math.max(jittered, retryAfter * 1000);
}
