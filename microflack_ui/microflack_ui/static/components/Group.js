// Consecutive messages of one author, under one name.

import { html } from "../html.js";
import { clockTime, fullTime } from "../logic/timeline.js";
import { Avatar } from "./Avatar.js";
import { memo } from "./memo.js";
import { Message } from "./Message.js";

export const Group = memo((props) => {
  const { messages, nickname, picture, userId, newSince, editingId, targetId, chat } = props;
  const { quotes, names, mayAct } = props;
  const { user_id: author, created_at: startedAt } = messages[0];
  const title = `group-${messages[0].id}`;
  return html`<article class="group" aria-labelledby=${title}>
    ${newSince && html`<p class="unread-line">New since ${newSince}</p>`}
    <${Avatar} userId=${author} nickname=${nickname} picture=${picture} />
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
        (message, place) =>
          html`<${Message}
            key=${message.id}
            message=${message}
            userId=${userId}
            isEditing=${message.id === editingId}
            isTarget=${message.id === targetId}
            mayAct=${mayAct}
            quote=${quotes[place]}
            names=${names[place]}
            chat=${chat}
          />`,
      )}
    </ol>
  </article>`;
});
