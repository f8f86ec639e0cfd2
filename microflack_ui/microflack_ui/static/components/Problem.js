// Why something that was asked for was not done.

import { html } from "../html.js";

export function Problem({ text, onDismiss }) {
  return html`<div class="toast">
    <p role="alert">${text}</p>
    <button class="quiet" onClick=${onDismiss}>Dismiss</button>
  </div>`;
}
