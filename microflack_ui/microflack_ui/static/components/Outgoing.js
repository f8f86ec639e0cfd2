// A message of one's own that is on its way, or was not sent.

import { html } from "../html.js";

export function Outgoing({ item, chat }) {
  const { key, source, state, reason, files = [] } = item;
  return html`<li class="outgoing ${state}" data-anchor=${key}>
    <div class="body plain" dir="auto">
      ${source}${files.map(({ name }) => html`<p key=${name}>${name}</p>`)}
    </div>
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
        html`<button class="link" onClick=${chat.writing.sendAgain}>Try again</button>`
      }
      ${
        state === "refused" &&
        html`<button class="link" onClick=${() => chat.writing.takeBack(item)}>Edit</button>`
      }
      <button class="link" onClick=${() => chat.writing.discard(key)}>Discard</button>
    </p>`
    }
  </li>`;
}
