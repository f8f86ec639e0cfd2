// One line of the list of people.

import { html } from "../html.js";
import { Avatar } from "./Avatar.js";
import { memo } from "./memo.js";

export const Person = memo(({ user, isMe, onOpen }) => {
  const { id, nickname, online } = user;
  const name = html`<bdi>${nickname}</bdi>`;
  return html`<li class="person ${online ? "online" : "offline"}">
    <${Avatar} userId=${id} nickname=${nickname} picture=${user.picture_url} />
    <span class="person-name">
      ${
        onOpen && !isMe
          ? html`<button class="person-button" onClick=${() => onOpen(id)}>
              <span class="visually-hidden">Write to </span>${name}
            </button>`
          : name
      }${isMe && html`<span class="you"> (you)</span>`}
    </span>
    <span class="presence">
      <span class="visually-hidden">${online ? "online" : "offline"}</span>
    </span>
  </li>`;
});
