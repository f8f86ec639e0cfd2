// The button that brings a reader who has scrolled up back to the end.

import { html } from "../html.js";

export function NewMessages({ count, onClick }) {
  const text = count === 1 ? "1 new message" : `${count} new messages`;
  return html`<button class="new-messages ${count ? "some" : ""}" onClick=${onClick}>
    ${count ? text : "Latest messages"} <span aria-hidden="true">↓</span>
  </button>`;
}
