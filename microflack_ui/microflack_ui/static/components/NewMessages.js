// The way back to the end, for who has scrolled up.

import { html } from "../html.js";

export function NewMessages({ count, onClick }) {
  const text = count === 1 ? "1 new message" : `${count} new messages`;
  return html`<button class="new-messages ${count ? "some" : ""}" onClick=${onClick}>
    ${count ? text : "Latest messages"} <span aria-hidden="true">↓</span>
  </button>`;
}
