// Asking for what has changed, where a service gives changes no numbers: by their time.

// `updated_at` is in whole seconds, and a change may become visible shortly after a
// later one. So each poll asks again for the last few seconds. Merging by id makes that
// do no harm.
const OVERLAP_SECONDS = 5;

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

// Of events, { kind, model }, the models of one kind.
export function modelsOf(events, kind) {
  return events.filter((event) => event.kind === kind).map((event) => event.model);
}
