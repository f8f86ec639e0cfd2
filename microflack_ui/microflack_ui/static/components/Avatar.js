// A coloured square with the first letter of a nickname.

import { html } from "../html.js";

// As many as the style sheet has.
const COLOURS = 8;

export function Avatar({ userId, nickname }) {
  const letter = [...nickname][0]?.toLocaleUpperCase() ?? "";
  return html`<span class="avatar colour-${userId % COLOURS}" aria-hidden="true">
    ${letter}
  </span>`;
}
