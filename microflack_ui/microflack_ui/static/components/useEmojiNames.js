// The names of emojis, once somebody has asked for them.

import { useState } from "preact/hooks";

import { emojiNames } from "../emoji_data.js";

// Returns { names, ask }. `ask()` resolves to them, and has them drawn.
export function useEmojiNames() {
  const [names, setNames] = useState([]);
  async function ask() {
    const found = await emojiNames();
    setNames(found);
    return found;
  }
  return { names, ask };
}
