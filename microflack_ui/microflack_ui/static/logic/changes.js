// What polling for changes has in common for people and messages.

// Times are whole seconds and a change may become visible a little after a later one,
// so each poll asks again for the last few seconds; merging by id makes that harmless.
const OVERLAP = 5;

export function sinceFor(newestChange) {
  return Math.max(0, newestChange - OVERLAP);
}

export function newestOf(newestChange, items) {
  return items.reduce(
    (newest, item) => Math.max(newest, item.updated_at),
    newestChange,
  );
}

// True when `incoming` should take the place of `known`. Equal times count as newer:
// two edits within one second carry the same time, and the later answer is the truth.
export function replaces(incoming, known) {
  if (!known) return true;
  if (incoming.updated_at < known.updated_at) return false;
  return JSON.stringify(incoming) !== JSON.stringify(known);
}
