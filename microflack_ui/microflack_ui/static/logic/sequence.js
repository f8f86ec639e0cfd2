// The numbers of changes, which only grow: up to which one everything is known, and
// those that came ahead of it. Whoever misses one between them has to ask.

export const unnumbered = Object.freeze({ last: null, ahead: Object.freeze([]) });

// What events tell; a server that gives no numbers leaves everything as it is.
export function withNumbers(numbers, models) {
  const told = models.map(({ change }) => change).filter(Number.isInteger);
  return numbers.last === null || !told.length
    ? numbers
    : closed(numbers.last, [...numbers.ahead, ...told]);
}

// Everything up to `change` is known, and nothing about what came after it.
export function startingAt(change) {
  return Number.isInteger(change) ? { last: change, ahead: [] } : unnumbered;
}

export function knownUpTo(numbers, change) {
  return closed(Math.max(change, numbers.last), numbers.ahead);
}

export function isMissing({ ahead }) {
  return ahead.length > 0;
}

function closed(last, told) {
  const ahead = [];
  for (const number of told.toSorted((one, other) => one - other)) {
    if (number === last + 1) last = number;
    else if (number > last) ahead.push(number);
  }
  return { last, ahead };
}
