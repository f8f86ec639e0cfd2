// Completing the nickname that somebody begins to write after "@".

const MAX_OFFERED = 8;
// A nickname has no more characters, and an "@" long before is another thing.
const MAX_QUERY_LENGTH = 32;

// What stands between the last "@" and the caret: { start, query }, or null where no
// nickname is being written.
export function queryAt(text, caret) {
  const before = text.slice(0, caret);
  const start = before.lastIndexOf("@");
  if (start < 0 || /[\p{L}\p{N}_.]/u.test(before[start - 1] ?? "")) return null;
  const query = before.slice(start + 1);
  const isLong = query.length > MAX_QUERY_LENGTH || /[\n@]/.test(query);
  return isLong || query.startsWith(" ") ? null : { start, query };
}

// Those whose nickname begins like this, or has a word that does.
export function matching(items, query, nameOf, count = MAX_OFFERED) {
  const wanted = simple(query);
  const found = [[], []];
  for (const item of items) {
    const name = simple(nameOf(item));
    if (name.startsWith(wanted)) found[0].push(item);
    else if (name.split(/[\s._-]+/).some((word) => word.startsWith(wanted)))
      found[1].push(item);
  }
  return found.flat().slice(0, count);
}

// Whether nothing is left to complete.
export function isComplete(items, query, nameOf) {
  return items.length === 1 && simple(nameOf(items[0])) === simple(query);
}

// The text with the nickname in it, and where the caret is then.
export function completed(text, { start, query }, nickname) {
  const before = `${text.slice(0, start)}@${nickname} `;
  const after = text.slice(start + 1 + query.length).replace(/^ /, "");
  return { text: before + after, caret: before.length };
}

// Without case and accents.
function simple(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}
