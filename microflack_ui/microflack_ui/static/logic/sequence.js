// The numbers of changes. Each change of a message has a number, one higher than that of
// the change before it. A sequence holds `last`, up to which all changes are known, and
// the numbers that came `ahead` of it. Between them is a gap, which must be fetched.

// For a service that gives no numbers.
export const noSequence = Object.freeze({ last: null, ahead: Object.freeze([]) });

// All changes up to `change` are known, and none after it.
export function startAt(change) {
  return Number.isInteger(change) ? { last: change, ahead: [] } : noSequence;
}

// All changes up to `change` are known, and those that came ahead of it.
export function advanceTo(sequence, change) {
  return closeGaps(Math.max(change, sequence.last), sequence.ahead);
}

// The changes of these messages are known, and nothing is known of those between them.
export function addNumbers(sequence, messages) {
  const numbers = messages.map(({ change }) => change).filter(Number.isInteger);
  return sequence.last === null || !numbers.length
    ? sequence
    : closeGaps(sequence.last, [...sequence.ahead, ...numbers]);
}

export function hasGap({ ahead }) {
  return ahead.length > 0;
}

function closeGaps(last, numbers) {
  const ahead = [];
  for (const number of numbers.toSorted((one, other) => one - other)) {
    if (number === last + 1) last = number;
    else if (number > last) ahead.push(number);
  }
  return { last, ahead };
}
