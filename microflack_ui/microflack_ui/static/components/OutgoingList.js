// One's own messages that are on their way in a room.

import { html } from "../html.js";
import { Outgoing } from "./Outgoing.js";

export function OutgoingList({ items, chat }) {
  if (!items.length) return null;
  return html`<ol class="outbox" role="list" aria-label="Not sent yet">
    ${items.map(
      (item) => html`<${Outgoing} key=${item.key} item=${item} chat=${chat} />`,
    )}
  </ol>`;
}
