// Oneself, and what one can do about that.

import { html } from "../html.js";
import { isAdmin, nicknameOf, pictureOf } from "../logic/people.js";
import { Avatar } from "./Avatar.js";

export function Me({ people, userId, onShow, onSignOut }) {
  const nickname = nicknameOf(people, userId);
  return html`<div class="me">
    <${Avatar}
      userId=${userId}
      nickname=${nickname}
      picture=${pictureOf(people, userId)}
    />
    <bdi class="me-name">${nickname}</bdi>
    <div class="me-actions">
      <button class="quiet" onClick=${() => onShow("account")}>Account</button>
      ${
        isAdmin(people, userId) &&
        html`<button class="quiet" onClick=${() => onShow("admin")}>Admin</button>`
      }
      <button class="quiet" onClick=${onSignOut}>Sign out</button>
    </div>
  </div>`;
}
