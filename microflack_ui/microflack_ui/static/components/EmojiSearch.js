// Emojis to choose from, and a field that finds all others by their names.

import { useEffect, useState } from "preact/hooks";

import { html } from "../html.js";
import { EMOJIS } from "../logic/emoji.js";
import { named } from "../logic/emoji_names.js";
import { isInputMethods } from "../logic/keys.js";
import { EmojiGrid } from "./EmojiGrid.js";
import { useEmojiNames } from "./useEmojiNames.js";

const MAX_FOUND = 40;

export function EmojiSearch({ mine = [], onPick }) {
  const [words, setWords] = useState("");
  const { names, ask } = useEmojiNames();
  useEffect(() => void ask(), []);
  const isSearch = Boolean(words.trim());
  const found = isSearch
    ? named(names, words, MAX_FOUND).map(({ emoji, name }) => [emoji, name])
    : EMOJIS;

  function onKeyDown(event) {
    if (isInputMethods(event) || event.key !== "Enter") return;
    event.preventDefault();
    if (isSearch && found.length) onPick(found[0][0]);
  }

  return html`<input
      class="switcher-field"
      aria-label="Name of an emoji"
      placeholder="Name of an emoji"
      autocomplete="off"
      value=${words}
      onInput=${(event) => setWords(event.target.value)}
      onKeyDown=${onKeyDown}
    />
    <${EmojiGrid} emojis=${found} mine=${mine} onPick=${onPick} />
    <p class="help" role="status">
      ${isSearch && !found.length && "No emoji has this name."}
    </p>`;
}
