// Messages on their way to the server. Each has one Idempotency-Key for all attempts.
//
// An item's state is "sending" (it waits for its turn or for the answer), "failed"
// (nobody knows whether it was stored; it may be sent again with the same key) or
// "refused" (the server said no).

// By how much the clocks of browser and server may differ.
const MAX_CLOCK_SKEW_SECONDS = 5;

// `at` is when it was written, in seconds, by the browser's clock.
export function enqueue(outbox, { key, source, at }) {
  return [...outbox, { key, source, at, state: "sending", reason: "" }];
}

export function nextToSend(outbox) {
  return outbox.find((item) => item.state === "sending");
}

export function withState(outbox, key, state, reason = "") {
  return outbox.map((item) => (item.key === key ? { ...item, state, reason } : item));
}

export function without(outbox, key) {
  return outbox.filter((item) => item.key !== key);
}

// True for a status that the server would answer again, unlike a moment of trouble.
export function isRefusal(status) {
  return status >= 400 && status < 500 && ![401, 408, 425, 429].includes(status);
}

// The item that a message from the server may have been made from: one with the same
// text, and not written after the message was stored. An item that still waits for its
// answer is more likely than one that failed.
export function pendingCopyOf(outbox, message) {
  const copies = outbox.filter(
    ({ source, at }) =>
      source.trim() === message.source.trim() &&
      at - MAX_CLOCK_SKEW_SECONDS <= message.created_at,
  );
  return nextToSend(copies) ?? copies.find((item) => item.state === "failed");
}
