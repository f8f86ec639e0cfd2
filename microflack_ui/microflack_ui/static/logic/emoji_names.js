// The names of emojis, as people write them between colons.

import { matching } from "./completion.js";

// That is no time, no part of an address, and no "::".
const NAME = /(?<![\p{L}\p{N}_:]):([a-z0-9_+-]{2,32})(:?)$/iu;

// What is shown as a sign of the text where no picture is asked for.
const PLAIN =
  /(?!\p{Emoji_Presentation}|\p{Emoji_Modifier})\p{Emoji}(?!\p{Emoji_Modifier}|\uFE0F)/gu;

// The name that ends at the caret: { start, query, isEmoji, isWhole }, or null.
export function emojiAt(text, caret) {
  const found = NAME.exec(text.slice(0, caret));
  if (!found) return null;
  const [, name, colon] = found;
  const query = name.toLowerCase();
  return { start: found.index, query, isEmoji: true, isWhole: Boolean(colon) };
}

// The text with the emoji in it, and where the caret is then.
export function withEmoji(text, { start, query, isWhole }, emoji) {
  const before = text.slice(0, start) + emoji;
  const after = text.slice(start + 1 + query.length + (isWhole ? 1 : 0));
  return { text: before + after, caret: before.length };
}

// Of { "2764": "heart", "1F44D": ["+1", "thumbsup"] } makes [{ name, emoji }], the short
// ones first.
export function namesIn(byCodes) {
  const names = Object.entries(byCodes).flatMap(([codes, ofThese]) => {
    const emoji = emojiOf(codes);
    return [ofThese].flat().map((name) => ({ name, emoji }));
  });
  const order = (one, other) =>
    one.name.length - other.name.length || (one.name < other.name ? -1 : 1);
  return names.sort(order);
}

// As it is written in full (UTS #51, ED-18): the codes leave out what asks for a picture.
function emojiOf(codes) {
  const points = codes.split("-").map((code) => parseInt(code, 16));
  return String.fromCodePoint(...points).replace(PLAIN, "$&\uFE0F");
}

// Each emoji once.
export function named(names, words, count) {
  const query = words.trim().replaceAll(":", "").replace(/\s+/g, "_");
  const found = new Map();
  for (const one of matching(names, query, ({ name }) => name, names.length)) {
    if (!found.has(one.emoji)) found.set(one.emoji, one);
    if (found.size === count) break;
  }
  return [...found.values()];
}
