// Which tab this is, and which others there are. What somebody has begun to write belongs
// to one tab: two that kept it together would overwrite each other's.

import * as storage from "./storage.js";

let ownId = "";

// Has to be called once, before the others.
export async function claimTab() {
  ownId = storage.tab.get();
  // Who duplicates a tab duplicates what it has stored.
  if (ownId && (await holds(ownId))) return;
  ownId = randomId();
  storage.tab.set(ownId);
  await holds(ownId);
}

export function tabId() {
  return ownId;
}

// Returns those of `ids` whose tabs are closed. Browsers without locks (they have none
// over plain http) do not tell: there each counts as closed.
export async function closedTabs(ids) {
  const others = ids.filter((id) => id !== ownId);
  if (!navigator.locks) return others;
  const { held } = await navigator.locks.query();
  const open = new Set(held.map((lock) => lock.name));
  return others.filter((id) => !open.has(lockOf(id)));
}

// Not crypto.randomUUID: browsers offer it only over https and on localhost.
export function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Whether this tab got the lock of the id; it keeps it until it is closed.
function holds(id) {
  if (!navigator.locks) return true;
  const [navigation] = performance.getEntriesByType("navigation");
  // The page before a reload may not have let go yet.
  const ifAvailable = navigation?.type !== "reload";
  return new Promise((resolve) => {
    navigator.locks.request(lockOf(id), { ifAvailable }, (lock) => {
      resolve(Boolean(lock));
      return lock && new Promise(() => {});
    });
  });
}

function lockOf(id) {
  return `microflack.tab.${id}`;
}
