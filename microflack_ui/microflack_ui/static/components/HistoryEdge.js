// The upper end of the conversation: older messages load, cannot be loaded, or there
// are none.

import { html } from "../html.js";

export function HistoryEdge({ history, conversation, hasOutgoing, onRetry }) {
  if (!conversation.loaded) {
    return html`<p class="edge" role="status">Loading the conversation…</p>`;
  }
  if (history === "failed") {
    return html`<p class="edge">
      Earlier messages could not be loaded.${" "}
      <button class="link" onClick=${onRetry}>Try again</button>
    </p>`;
  }
  if (!conversation.reachedStart) {
    return html`<p class="edge">Loading earlier messages…</p>`;
  }
  if (conversation.messages.length || hasOutgoing) {
    return html`<p class="edge">This is where the conversation began.</p>`;
  }
  return html`<div class="empty">
    <h2>Nobody has said anything yet</h2>
    <p>Write the first message. Everybody who signs in here can read it.</p>
  </div>`;
}
