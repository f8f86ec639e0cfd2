// One line of the list of people.

import { html } from "../html.js";
import { Avatar } from "./Avatar.js";
import { memo } from "./memo.js";

export const Person = memo(({ user, isMe }) => {
  return html`<li class="person ${user.online ? "online" : "offline"}">
    <${Avatar} userId=${user.id} nickname=${user.nickname} />
    <span class="person-name">
      <bdi>${user.nickname}</bdi>${isMe && html`<span class="you"> (you)</span>`}
    </span>
    <span class="presence">
      <span class="visually-hidden">${user.online ? "online" : "offline"}</span>
    </span>
  </li>`;
});
