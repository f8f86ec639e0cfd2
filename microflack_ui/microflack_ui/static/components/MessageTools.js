// What can be done with a message: beside it, while a pointer or the focus is there. Who
// goes by the Tab key stops once at each message: all is in the menu as well.

import { html } from "../html.js";
import { clockTime } from "../logic/timeline.js";

export function MessageTools({ message, isMine, mayAct, chat }) {
  const { id, created_at: createdAt } = message;
  const { messages, overlay, writing } = chat;
  if (!mayAct && !isMine) return null;
  const at = html`<span class="visually-hidden"> the message of ${clockTime(createdAt)}</span>`;
  return html`<div class="tools">
    ${
      mayAct &&
      html`<button
          class="quiet tool"
          tabindex="-1"
          onClick=${() => overlay.show("react", message)}
        >
          React<span class="visually-hidden"> to</span>${at}
        </button>
        <button
          class="quiet tool"
          tabindex="-1"
          onClick=${() => writing.reply(id)}
        >
          Reply<span class="visually-hidden"> to</span>${at}
        </button>`
    }
    ${
      isMine &&
      html`<button
        class=${`quiet ${mayAct ? "tool" : ""}`}
        tabindex=${mayAct ? -1 : 0}
        onClick=${() => messages.startEditing(id)}
      >
        Edit<span class="visually-hidden"> your message of ${clockTime(createdAt)}</span>
      </button>`
    }
    ${
      mayAct &&
      html`<button
        class="quiet more-button"
        aria-haspopup="dialog"
        onClick=${() => overlay.show("message", message)}
      >
        <span aria-hidden="true">⋯</span>
        <span class="visually-hidden">More about${at}</span>
      </button>`
    }
  </div>`;
}
