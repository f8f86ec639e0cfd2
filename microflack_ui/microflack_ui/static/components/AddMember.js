// Chooses somebody to add to a room.

import { useState } from "preact/hooks";

import { html } from "../html.js";
import { matching } from "../logic/completion.js";

export function AddMember({ users, onAdd }) {
  const [text, setText] = useState("");
  const found = text.trim() ? matching(users, text.trim(), (one) => one.nickname) : [];
  const add = (user) => {
    setText("");
    onAdd(user);
  };
  return html`<label for="add-member">Add somebody</label>
    <input
      id="add-member"
      value=${text}
      dir="auto"
      autocomplete="off"
      placeholder="Nickname"
      onInput=${(event) => setText(event.target.value)}
    />
    <ul class="rows" aria-label="People to add">
      ${found.map(
        (user) =>
          html`<li class="row" key=${user.id}>
            <bdi class="row-text">${user.nickname}</bdi>
            <button class="quiet" onClick=${() => add(user)}>
              Add<span class="visually-hidden"> ${user.nickname}</span>
            </button>
          </li>`,
      )}
    </ul>`;
}
