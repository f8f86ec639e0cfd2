// A message of one's own that is not known to be stored.

import { html } from "../html.js";

export function Outgoing({ item, room }) {
  const { key, source, state, reason } = item;
  return html`<div class="outgoing ${state}" data-anchor=${key}>
    <div class="body plain" dir="auto">${source}</div>
    <p class="outgoing-state" role="status">
      ${state === "sending" && "Sending…"}
      ${state === "failed" && `Not sent. ${reason}`}
      ${state === "refused" && `Not accepted. ${reason}`}
    </p>
    ${
      state !== "sending" &&
      html`<p class="outgoing-actions">
      ${
        state === "failed" &&
        html`<button class="link" onClick=${() => room.retry(key)}>Try again</button>`
      }
      ${
        state === "refused" &&
        html`<button class="link" onClick=${() => room.takeBack(item)}>Edit</button>`
      }
      <button class="link" onClick=${() => room.discard(key)}>Discard</button>
    </p>`
    }
  </div>`;
}
