// What messages and people have in common: they change, and an older version of one may
// arrive after a newer one.

// `updated_at` is in whole seconds, and a change may become visible shortly after a
// later one. So each poll asks again for the last few seconds. Merging by id makes that
// do no harm.
const OVERLAP_SECONDS = 5;

// What somebody changes, in a message or in a person.
const CHANGED_FIELDS = ["source", "nickname", "online"];

// The `updated_since` to ask for, when everything up to `lastUpdatedAt` was fetched.
export function pollSince(lastUpdatedAt) {
  return Math.max(0, lastUpdatedAt - OVERLAP_SECONDS);
}

export function latestUpdate(lastUpdatedAt, items) {
  return items.reduce(
    (latest, item) => Math.max(latest, item.updated_at),
    lastUpdatedAt,
  );
}

// True when `incoming` is to take the place of `known`. Where both have a number, the
// higher one is newer. Otherwise `updated_at` decides, and of two versions of the same
// second the one that arrives later: it is more often the newer one.
export function replaces(incoming, known) {
  if (!known) return true;
  if (incoming.change && known.change) return incoming.change > known.change;
  if (incoming.updated_at < known.updated_at) return false;
  if (isLessRendered(incoming, known)) return false;
  return JSON.stringify(incoming) !== JSON.stringify(known);
}

// True for two different versions of the same second and without numbers: either may be
// the older one, so the server has to be asked.
export function mayBeStale(incoming, known) {
  if (incoming.updated_at !== known?.updated_at) return false;
  if (incoming.change && known.change) return false;
  return CHANGED_FIELDS.some((field) => incoming[field] !== known[field]);
}

// Rendering only adds to a message: first its HTML, then the cards of its links.
function isLessRendered(incoming, known) {
  return (
    incoming.updated_at === known.updated_at &&
    incoming.source === known.source &&
    incoming.html?.length < known.html?.length
  );
}
