// How long to wait before trying again: never all clients at the same moment.

const FIRST_MS = 1000;
const LONGEST_MS = 30_000;
const SPREAD_MS = 2000;

// After failures: doubling, up to a bound.
export function delayAfter(
  failures,
  { retryAfter = 0, longest = LONGEST_MS, random = Math.random } = {},
) {
  const full = Math.min(longest, FIRST_MS * 2 ** Math.max(0, failures - 1));
  const jittered = full / 2 + (full / 2) * random();
  return Math.max(jittered, retryAfter * 1000);
}

// After something that happened to everybody at once, such as a server that moved.
export function spreadDelay({ random = Math.random } = {}) {
  return SPREAD_MS * random();
}
