// Messages on their way to the server. Each has one Idempotency-Key for all attempts.
//
// state: "sending" (waiting for its turn or for the answer), "failed" (nobody knows
// whether it was stored; the same key may be tried again), "refused" (the server said
// no).

export function enqueue(outbox, { key, source, at }) {
  return [...outbox, { key, source, at, state: "sending", reason: "" }];
}

export function nextToSend(outbox) {
  return outbox.find((item) => item.state === "sending");
}

export function mark(outbox, key, state, reason = "") {
  return outbox.map((item) => (item.key === key ? { ...item, state, reason } : item));
}

export function without(outbox, key) {
  return outbox.filter((item) => item.key !== key);
}

// The server understood and will answer the same again, unlike a moment of trouble.
export function isRefusal(status) {
  return status >= 400 && status < 500 && ![401, 408, 425, 429].includes(status);
}
