// Emojis to choose from.

import { html } from "../html.js";
import { EMOJIS } from "../logic/emoji.js";

export function EmojiGrid({ mine, onPick, count = EMOJIS.length }) {
  return html`<div class="emojis" role="group" aria-label="Emojis">
    ${EMOJIS.slice(0, count).map(
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
