// What kind of room it is.

import { html } from "../html.js";

const SIGNS = { public: ["#", ""], direct: ["@", "Direct: "] };

export function RoomSign({ kind }) {
  if (kind === "private") {
    return html`<span class="room-sign">
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <rect x="3.5" y="7" width="9" height="6.5" rx="1.5" />
        <path d="M5.5 7V5a2.5 2.5 0 0 1 5 0v2" />
      </svg>
      <span class="visually-hidden">Private: </span>
    </span>`;
  }
  const [sign, words] = SIGNS[kind] ?? SIGNS.public;
  return html`<span class="room-sign">
    <span aria-hidden="true">${sign}</span>
    ${words && html`<span class="visually-hidden">${words}</span>`}
  </span>`;
}
