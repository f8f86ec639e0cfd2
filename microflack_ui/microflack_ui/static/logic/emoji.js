// The emojis that are offered for reactions, and their names.

export const EMOJIS = Object.freeze([
  ["👍", "thumbs up"],
  ["👎", "thumbs down"],
  ["❤️", "heart"],
  ["😂", "tears of joy"],
  ["😄", "smile"],
  ["😮", "surprise"],
  ["😢", "tear"],
  ["😡", "anger"],
  ["🎉", "party"],
  ["🙏", "thanks"],
  ["👏", "applause"],
  ["🙌", "raised hands"],
  ["🔥", "fire"],
  ["🚀", "rocket"],
  ["👀", "eyes"],
  ["🤔", "thinking"],
  ["✅", "done"],
  ["❌", "no"],
  ["❓", "question"],
  ["💯", "hundred"],
  ["☕", "coffee"],
  ["🌱", "seedling"],
  ["💡", "idea"],
  ["👋", "waving"],
]);

// What a button for it is called.
export function nameOf(emoji) {
  return EMOJIS.find(([one]) => one === emoji)?.[1] ?? emoji;
}
