// Messages on their way to the server. Each has one Idempotency-Key for all attempts.
//
// state: "sending" (waiting for its turn or for the answer), "failed" (nobody knows
// whether it was stored; the same key may be tried again), "refused" (the server said
// no).

// By how many seconds the clocks of browser and server usually differ, at most.
const CLOCKS_DIFFER = 5;

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

// The item that a message from the server may be: of the same text, and not older than
// it, as far as two clocks can tell. Rather one whose answer is still to come.
export function twinOf(outbox, message) {
  const twins = outbox.filter(
    ({ source, at }) =>
      source.trim() === message.source.trim() &&
      at - CLOCKS_DIFFER <= message.created_at,
  );
  return nextToSend(twins) ?? twins.find((item) => item.state === "failed");
}
