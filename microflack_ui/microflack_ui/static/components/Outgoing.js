// A message of one's own that is on its way, or was not sent.

import { html } from "../html.js";

export function Outgoing({ item, chat }) {
  const { key, source, state, reason } = item;
  return html`<li class="outgoing ${state}" data-anchor=${key}>
    <div class="body plain" dir="auto">${source}</div>
    <p class="outgoing-state" role="status">
      ${state === "sending" && "Sending…"}
      ${state === "failed" && `Not sent yet. ${reason}`}
      ${state === "refused" && `Not accepted. ${reason}`}
    </p>
    ${
      state !== "sending" &&
      html`<p class="outgoing-actions">
      ${
        state === "failed" &&
        html`<button class="link" onClick=${chat.sendAgain}>Try again</button>`
      }
      ${
        state === "refused" &&
        html`<button class="link" onClick=${() => chat.takeBack(item)}>Edit</button>`
      }
      <button class="link" onClick=${() => chat.discard(key)}>Discard</button>
    </p>`
    }
  </li>`;
}
