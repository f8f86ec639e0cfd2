// Emojis to choose from.

import { html } from "../html.js";

export function EmojiGrid({ emojis, mine, onPick }) {
  return html`<div class="emojis" role="group" aria-label="Emojis">
    ${emojis.map(
      ([emoji, name]) =>
        html`<button
          key=${emoji}
          class="emoji"
          title=${name}
          aria-label=${name}
          aria-pressed=${mine.includes(emoji)}
          onClick=${() => onPick(emoji)}
        >
          ${emoji}
        </button>`,
    )}
  </div>`;
}
