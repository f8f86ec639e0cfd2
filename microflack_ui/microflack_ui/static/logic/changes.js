// What people and messages have in common: they change, and news of it may come late.

// Times are whole seconds and a change may become visible a little after a later one,
// so each poll asks again for the last few seconds; merging by id makes that harmless.
const OVERLAP = 5;

// What somebody changes, of a message or of a person.
const CHANGED = ["source", "nickname", "online"];

export function sinceFor(newestChange) {
  return Math.max(0, newestChange - OVERLAP);
}

export function newestOf(newestChange, items) {
  return items.reduce(
    (newest, item) => Math.max(newest, item.updated_at),
    newestChange,
  );
}

// True when `incoming` should take the place of `known`: where both have a number it is
// the later one. Equal times count as newer: two edits within one second carry the same
// time, and the later answer is the truth.
export function replaces(incoming, known) {
  if (!known) return true;
  if (incoming.change && known.change) return incoming.change > known.change;
  if (incoming.updated_at < known.updated_at) return false;
  if (isLessRendered(incoming, known)) return false;
  return JSON.stringify(incoming) !== JSON.stringify(known);
}

// Of two versions of one second nobody can tell which is the later.
export function isDoubtful(incoming, known) {
  if (incoming.updated_at !== known?.updated_at) return false;
  if (incoming.change && known.change) return false;
  return CHANGED.some((field) => incoming[field] !== known[field]);
}

// Rendering only adds to a text: first its HTML, then the cards of its links.
function isLessRendered(incoming, known) {
  return (
    incoming.updated_at === known.updated_at &&
    incoming.source === known.source &&
    incoming.html?.length < known.html?.length
  );
}
