// Messages on their way to the server. Each has one Idempotency-Key for all attempts.
//
// An item's state is "sending" (it waits for its turn or for the answer), "failed"
// (nobody knows whether it was stored; it will be sent again with the same key) or
// "refused" (the server said no).

import { EVERYONE } from "./rooms.js";

// `message` is { source, roomId, replyTo, files }.
export function enqueue(outbox, key, message) {
  return [...outbox, { key, ...message, state: "sending", reason: "" }];
}

// Releases of the page that knew one room have kept none.
export function roomOf({ roomId = EVERYONE }) {
  return roomId;
}

export function inRoom(outbox, id) {
  return outbox.filter((item) => roomOf(item) === id);
}

export function nextToSend(outbox) {
  return outbox.find((item) => item.state === "sending");
}

// One that failed holds up all that were written after it: the order stays.
export function withAllFailed(outbox, reason) {
  return outbox.map((item) =>
    item.state === "sending" ? { ...item, state: "failed", reason } : item,
  );
}

export function withAllTriedAgain(outbox) {
  return outbox.map((item) =>
    item.state === "failed" ? { ...item, state: "sending", reason: "" } : item,
  );
}

export function withRefused(outbox, key, reason) {
  return outbox.map((item) =>
    item.key === key ? { ...item, state: "refused", reason } : item,
  );
}

export function without(outbox, key) {
  return outbox.filter((item) => item.key !== key);
}

// True for a status that the server would answer again, unlike a moment of trouble.
export function isRefusal(status) {
  return status >= 400 && status < 500 && ![401, 408, 425, 429].includes(status);
}
