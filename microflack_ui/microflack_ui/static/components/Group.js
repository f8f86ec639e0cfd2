// Consecutive messages of one author, under one name.

import { html } from "../html.js";
import { clockTime, fullTime } from "../logic/timeline.js";
import { Avatar } from "./Avatar.js";
import { memo } from "./memo.js";
import { Message } from "./Message.js";

export const Group = memo((props) => {
  const { messages, nickname, isMine, isFirstUnread, editingId, chat } = props;
  const { user_id: userId, created_at: startedAt } = messages[0];
  const title = `group-${messages[0].id}`;
  return html`<article class="group" aria-labelledby=${title}>
    ${isFirstUnread && html`<p class="unread-line">New</p>`}
    <${Avatar} userId=${userId} nickname=${nickname} />
    <header class="byline" id=${title}>
      <bdi class="author">${nickname}</bdi>
      <time
        datetime=${new Date(startedAt * 1000).toISOString()}
        title=${fullTime(startedAt)}
      >
        ${clockTime(startedAt)}
      </time>
    </header>
    <ol class="messages" role="list" aria-labelledby=${title}>
      ${messages.map(
        (message) =>
          html`<${Message}
            key=${message.id}
            message=${message}
            isMine=${isMine}
            isEditing=${message.id === editingId}
            chat=${chat}
          />`,
      )}
    </ol>
  </article>`;
});
