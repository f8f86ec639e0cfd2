// Messages on their way to the server. Each has one Idempotency-Key for all attempts.
//
// An item's state is "sending" (it waits for its turn or for the answer), "failed"
// (nobody knows whether it was stored; it may be sent again with the same key) or
// "refused" (the server said no).

export function enqueue(outbox, { key, source }) {
  return [...outbox, { key, source, state: "sending", reason: "" }];
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
