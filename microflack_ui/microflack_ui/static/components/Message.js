// One message: what it says, or, for its author, the field to change it.

import { html } from "../html.js";
import { clockTime, fullTime } from "../logic/timeline.js";
import { Editor } from "./Editor.js";
import { memo } from "./memo.js";
import { ServerHtml } from "./ServerHtml.js";

export const Message = memo(({ message, isMine, isEdited, room }) => {
  if (isEdited) {
    return html`<div class="message edited" data-anchor=${message.id}>
      <${Editor} message=${message} onSave=${room.edit} onCancel=${room.stopEditing} />
    </div>`;
  }
  const { id, html: rendered, source, created_at: written } = message;
  return html`<div class="message" data-anchor=${id}>
    <time class="gutter" title=${fullTime(written)} aria-hidden="true">
      ${clockTime(written)}
    </time>
    ${
      rendered
        ? html`<${ServerHtml} html=${rendered} />`
        : html`<div class="body plain" dir="auto">${source}</div>`
    }
    ${
      isMine &&
      html`<button class="quiet edit-button" onClick=${() => room.startEditing(id)}>
      Edit<span class="visually-hidden"> your message of ${clockTime(written)}</span>
    </button>`
    }
  </div>`;
});
