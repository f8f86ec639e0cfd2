// Marks the people who are mentioned in a message that is drawn.

const NOT_IN = "code, pre, a, mark";

// `mentioned`: nicknames, one a line.
export function markMentions(body, mentioned) {
  for (const mark of body.querySelectorAll("mark.mention"))
    mark.replaceWith(...mark.childNodes);
  body.normalize();
  const names = mentioned.split("\n").filter(Boolean);
  if (!names.length) return;
  // The longest first: it is the one that the server has found.
  names.sort((one, other) => other.length - one.length);
  const any = names.map(escaped).join("|");
  const pattern = new RegExp(`@(?:${any})(?![\\p{L}\\p{N}_])`, "giu");
  for (const text of textsIn(body)) markIn(text, pattern);
}

function textsIn(body) {
  const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) {
    const { currentNode: text } = walker;
    if (!text.parentElement.closest(NOT_IN)) texts.push(text);
  }
  return texts;
}

function markIn(text, pattern) {
  const found = [...text.data.matchAll(pattern)];
  // From the end, so that the places before stay what they are.
  for (const { 0: name, index } of found.reverse()) {
    const range = document.createRange();
    range.setStart(text, index);
    range.setEnd(text, index + name.length);
    const mark = document.createElement("mark");
    mark.className = "mention";
    range.surroundContents(mark);
  }
}

function escaped(text) {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
