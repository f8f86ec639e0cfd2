// How long to wait before trying again. Chance is part of it, so that clients do not
// all try at the same moment.

const FIRST_DELAY_MS = 1000;
const MAX_DELAY_MS = 30_000;
const MAX_JITTER_MS = 2000;

// Doubles with each failure, up to `maxDelay`, and is never shorter than `retryAfter`,
// the seconds that the server asked for.
export function retryDelay(
  failures,
  { retryAfter = 0, maxDelay = MAX_DELAY_MS, random = Math.random } = {},
) {
  const full = Math.min(maxDelay, FIRST_DELAY_MS * 2 ** Math.max(0, failures - 1));
  const jittered = full / 2 + (full / 2) * random();
  return Math.max(jittered, retryAfter * 1000);
}

// For what happens to all clients at once, such as a server that is stopped.
export function jitter({ random = Math.random } = {}) {
  return MAX_JITTER_MS * random();
}
