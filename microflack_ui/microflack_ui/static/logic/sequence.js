// The numbers of changes: each is one higher than that of the change before it.

// Takes from `ahead`, a Map of messages by the numbers of their changes, those that
// follow the number `last` without a gap, and drops what is no news. Returns them in
// their order, and the number of the last one.
export function takeNext(ahead, last) {
  const messages = [];
  for (const number of [...ahead.keys()].sort((one, other) => one - other)) {
    if (number > last + 1) break;
    if (number === last + 1) {
      messages.push(ahead.get(number));
      last = number;
    }
    ahead.delete(number);
  }
  return { messages, last };
}
