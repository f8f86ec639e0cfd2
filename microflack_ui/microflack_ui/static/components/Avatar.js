// A coloured square with the first character of a nickname.

import { html } from "../html.js";
import { firstCharacter } from "../logic/text.js";

// As many as the style sheet has.
const COLOURS = 8;

export function Avatar({ userId, nickname }) {
  const letter = firstCharacter(nickname).toLocaleUpperCase();
  return html`<span class="avatar colour-${userId % COLOURS}" aria-hidden="true">
    ${letter}
  </span>`;
}
