// The names of all emojis. They are loaded when somebody looks for one.

import { namesIn } from "./logic/emoji_names.js";

let loading = null;

// Resolves to [{ name, emoji }]; to [] where they could not be loaded, until the next time.
export function emojiNames() {
  loading ??= load().catch(() => {
    loading = null;
    return [];
  });
  return loading;
}

async function load() {
  const response = await fetch(import.meta.resolve("emojibase-data"));
  if (!response.ok) throw new Error(`They are answered with ${response.status}.`);
  return namesIn(await response.json());
}
