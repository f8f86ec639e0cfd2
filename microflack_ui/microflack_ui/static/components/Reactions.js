// The emojis under a message. A press adds one's own, or takes it back.

import { html } from "../html.js";
import { nameOf } from "../logic/emoji.js";

export function Reactions({ message, userId, mayAct, chat }) {
  const { id, reactions } = message;
  if (!reactions?.length) return null;
  const toggle = (emoji, isOn) =>
    chat.overlay.attempt(() => chat.messages.react(id, emoji, isOn));
  return html`<ul class="reactions" role="list" aria-label="Reactions">
    ${reactions.map(({ emoji, user_ids: ids }) => {
      const isMine = ids.includes(userId);
      return html`<li key=${emoji}>
        <button
          class="reaction"
          aria-pressed=${isMine}
          aria-label=${`${nameOf(emoji)}: ${counted(ids.length)}`}
          disabled=${!mayAct}
          onPointerEnter=${(event) => (event.currentTarget.title = chat.messages.namesOf(ids))}
          onClick=${() => toggle(emoji, !isMine)}
        >
          <span aria-hidden="true">${emoji} ${ids.length}</span>
        </button>
      </li>`;
    })}
  </ul>`;
}

function counted(count) {
  return count === 1 ? "1 person" : `${count} people`;
}
