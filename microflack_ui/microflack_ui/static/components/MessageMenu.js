// All that can be done with a message. On a touch screen it is the only way to that.

import { pathOf } from "../address.js";
import { html } from "../html.js";
import { isBlocked } from "../logic/blocked.js";
import { EMOJIS } from "../logic/emoji.js";
import { isAdmin, nicknameOf } from "../logic/people.js";
import { CopyText } from "./CopyText.js";
import { Dialog } from "./Dialog.js";
import { EmojiGrid } from "./EmojiGrid.js";
import { useReacting } from "./useReacting.js";

const OFTEN = EMOJIS.slice(0, 8);

export function MessageMenu({ state, session, subject: message, onClose }) {
  const { chat } = session;
  const { id, room_id: roomId, user_id: author } = message;
  const isMine = author === state.userId;
  const react = useReacting(chat, message, state, onClose);
  // Closed first: what opens in its place takes the focus.
  const then = (task) => () => {
    onClose();
    task();
  };
  const { blocks, overlay } = chat;
  const change = isBlocked(state, author) ? blocks.unblock : blocks.block;
  const block = () => overlay.attempt(() => change(author));
  const link = location.origin + pathOf({ roomId, messageId: id });
  return html`<${Dialog} title="Message" onClose=${onClose}>
    <${EmojiGrid} emojis=${OFTEN} mine=${react.mine} onPick=${react.toggle} />
    <div class="menu">
      <button class="quiet" onClick=${() => chat.overlay.show("react", message)}>
        More emojis
      </button>
      <button class="quiet" onClick=${then(() => chat.writing.reply(id))}>Reply</button>
      ${
        isMine &&
        html`<button
          class="quiet"
          onClick=${then(() => chat.messages.startEditing(id))}
        >
          Edit
        </button>`
      }
      ${
        !isMine &&
        state.blocked &&
        html`<button class="quiet" onClick=${then(block)}>
          ${isBlocked(state, author) ? "Unblock" : "Block"}${" "}
          <bdi>${nicknameOf(state.people, author)}</bdi>
        </button>`
      }
      ${
        (isMine || isAdmin(state.people, state.userId)) &&
        html`<button
          class="quiet"
          onClick=${() => chat.overlay.show("deleteMessage", message)}
        >
          Delete
        </button>`
      }
    </div>
    <div class="part">
      <h3>Link to this message</h3>
      <${CopyText} label="Link to this message" url=${link} />
    </div>
  <//>`;
}
