// What a message answers: who said it and how it began. It leads back there.

import { html } from "../html.js";
import { PlaceLink } from "./PlaceLink.js";
import { excerptOf } from "./ServerHtml.js";

// `quote`: undefined before it is known, null where it is not there.
export function Quote({ message, quote, author, go }) {
  if (quote === null)
    return html`<p class="quote">An answer to a message that is not here.</p>`;
  const { room_id: roomId, reply_to: messageId } = message;
  return html`<${PlaceLink} class="quote" place=${{ roomId, messageId }} go=${go}>
    <span class="visually-hidden">In answer to${" "}</span>
    <bdi class="quote-author">${quote ? author : "…"}</bdi>
    <bdi class="quote-text">${quote && excerptOf(quote)}</bdi>
  <//>`;
}
