// Consecutive messages of one author, under one name.

import { html } from "../html.js";
import { clockTime, fullTime } from "../logic/timeline.js";
import { Avatar } from "./Avatar.js";
import { memo } from "./memo.js";
import { Message } from "./Message.js";

export const Group = memo((props) => {
  const { messages, nickname, isMine, isUnreadFrom, editing, room } = props;
  const { user_id: userId, created_at: began } = messages[0];
  return html`<article class="group">
    ${isUnreadFrom && html`<p class="unread-line">New</p>`}
    <${Avatar} userId=${userId} nickname=${nickname} />
    <header class="byline">
      <bdi class="author">${nickname}</bdi>
      <time datetime=${new Date(began * 1000).toISOString()} title=${fullTime(began)}>
        ${clockTime(began)}
      </time>
    </header>
    ${messages.map(
      (message) =>
        html`<${Message}
          key=${message.id}
          message=${message}
          isMine=${isMine}
          isEdited=${editing === message.id}
          room=${room}
        />`,
    )}
  </article>`;
});
