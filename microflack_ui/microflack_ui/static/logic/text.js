// Text as people count it.

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

// The first character, with all that belongs to it: accents, or the parts of an emoji.
export function firstCharacter(text) {
  for (const { segment } of segmenter.segment(text)) return segment;
  return "";
}

// At most `count` characters, none of them in pieces.
export function cut(text, count) {
  const characters = [];
  for (const { segment } of segmenter.segment(text)) {
    if (characters.length === count) return `${characters.join("")}…`;
    characters.push(segment);
  }
  return text;
}

// As the servers count: code points.
export function lengthOf(text) {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}

const collator = new Intl.Collator(undefined, {
  sensitivity: "base",
  numeric: true,
});

// As the reader's language sorts names.
export const compare = collator.compare;
