// One message: its text and all that belongs to it, or the field in which its author
// edits it.

import { html } from "../html.js";
import { clockTime, fullTime } from "../logic/timeline.js";
import { isMentioned } from "../logic/unread.js";
import { Editor } from "./Editor.js";
import { memo } from "./memo.js";
import { MessageFiles } from "./MessageFiles.js";
import { MessageTools } from "./MessageTools.js";
import { Quote } from "./Quote.js";
import { Reactions } from "./Reactions.js";
import { ServerHtml } from "./ServerHtml.js";

export const Message = memo((props) => {
  const { message, userId, isEditing, isTarget, mayAct, quote, names, chat } = props;
  const { id, deleted, created_at: createdAt } = message;
  if (isEditing) {
    return html`<li class="message edited" data-anchor=${id}>
      <${Editor}
        message=${message}
        onSave=${chat.messages.saveEdit}
        onCancel=${chat.messages.stopEditing}
      />
    </li>`;
  }
  const [quoted, ...mentioned] = names.split("\n");
  const classes = ["message"];
  if (isTarget) classes.push("target");
  if (isMentioned(message.mentions, userId)) classes.push("for-me");
  return html`<li class=${classes.join(" ")} data-anchor=${id} tabindex="-1">
    <${Time} at=${createdAt} />
    ${
      deleted
        ? html`<p class="body deleted">This message was deleted.</p>`
        : html`<div class="message-content">
            ${
              message.reply_to &&
              html`<${Quote}
                message=${message}
                quote=${quote}
                author=${quoted}
                go=${chat.visit.go}
              />`
            }
            <${Text} message=${message} mentioned=${mentioned.join("\n")} />
            ${
              message.files?.length > 0 &&
              html`<${MessageFiles} files=${message.files} chat=${chat} />`
            }
            ${message.edited_at && html`<${Edited} at=${message.edited_at} />`}
            <${Reactions}
              message=${message}
              userId=${userId}
              mayAct=${mayAct}
              chat=${chat}
            />
          </div>`
    }
    ${
      !deleted &&
      html`<${MessageTools}
        message=${message}
        isMine=${message.user_id === userId}
        mayAct=${mayAct}
        chat=${chat}
      />`
    }
  </li>`;
});

function Time({ at }) {
  return html`<time
    class="gutter"
    datetime=${new Date(at * 1000).toISOString()}
    title=${fullTime(at)}
  >
    ${clockTime(at)}
  </time>`;
}

function Text({ message, mentioned }) {
  const { html: rendered, source } = message;
  if (rendered) return html`<${ServerHtml} html=${rendered} mentioned=${mentioned} />`;
  return source && html`<div class="body plain" dir="auto">${source}</div>`;
}

function Edited({ at }) {
  return html`<p class="edited-mark">
    edited${" "}
    <time datetime=${new Date(at * 1000).toISOString()} title=${fullTime(at)}>
      ${clockTime(at)}
    </time>
  </p>`;
}
