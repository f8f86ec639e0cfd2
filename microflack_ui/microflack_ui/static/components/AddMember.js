// Chooses somebody to add to a room. Enter adds the first one that is found.

import { useRef, useState } from "preact/hooks";

import { html } from "../html.js";
import { matching } from "../logic/completion.js";
import { isInputMethods } from "../logic/keys.js";

export function AddMember({ users, onAdd }) {
  const [text, setText] = useState("");
  const field = useRef();
  const found = text.trim() ? matching(users, text.trim(), (one) => one.nickname) : [];
  const add = (user) => {
    setText("");
    onAdd(user);
    field.current.focus();
  };
  function onKeyDown(event) {
    if (isInputMethods(event) || event.key !== "Enter" || !text.trim()) return;
    event.preventDefault();
    if (found.length) add(found[0]);
  }
  return html`<label for="add-member">Add somebody</label>
    <input
      ref=${field}
      id="add-member"
      value=${text}
      dir="auto"
      autocomplete="off"
      placeholder="Nickname"
      onInput=${(event) => setText(event.target.value)}
      onKeyDown=${onKeyDown}
    />
    <ul class="rows" aria-label="People to add">
      ${found.map(
        (user) =>
          html`<li class="row" key=${user.id}>
            <bdi class="row-text">${user.nickname}</bdi>
            <button type="button" class="quiet" onClick=${() => add(user)}>
              Add<span class="visually-hidden"> ${user.nickname}</span>
            </button>
          </li>`,
      )}
    </ul>`;
}
