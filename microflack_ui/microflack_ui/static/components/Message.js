// One message: its text, or the field in which its author edits it.

import { html } from "../html.js";
import { clockTime, fullTime } from "../logic/timeline.js";
import { Editor } from "./Editor.js";
import { memo } from "./memo.js";
import { ServerHtml } from "./ServerHtml.js";

export const Message = memo(({ message, isMine, isEditing, chat }) => {
  if (isEditing) {
    return html`<li class="message edited" data-anchor=${message.id}>
      <${Editor}
        message=${message}
        onSave=${chat.saveEdit}
        onCancel=${chat.stopEditing}
      />
    </li>`;
  }
  const { id, html: rendered, source, created_at: createdAt } = message;
  return html`<li class="message" data-anchor=${id}>
    <time
      class="gutter"
      datetime=${new Date(createdAt * 1000).toISOString()}
      title=${fullTime(createdAt)}
    >
      ${clockTime(createdAt)}
    </time>
    ${
      rendered
        ? html`<${ServerHtml} html=${rendered} />`
        : html`<div class="body plain" dir="auto">${source}</div>`
    }
    ${
      isMine &&
      html`<button class="quiet edit-button" onClick=${() => chat.startEditing(id)}>
      Edit<span class="visually-hidden"> your message of ${clockTime(createdAt)}</span>
    </button>`
    }
  </li>`;
});
