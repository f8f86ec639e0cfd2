// Changes one's own nickname.

import { useState } from "preact/hooks";

import { html } from "../html.js";
import { lengthOf } from "../logic/text.js";
import { Counter } from "./Counter.js";
import { Outcome } from "./Outcome.js";
import { useTask } from "./useTask.js";

export const MAX_NICKNAME_LENGTH = 32;

export function NicknameForm({ nickname, onRename }) {
  const [text, setText] = useState(nickname);
  const task = useTask();
  const name = text.trim();
  const isTooLong = lengthOf(name) > MAX_NICKNAME_LENGTH;

  function submit(event) {
    event.preventDefault();
    task.run(async () => {
      await onRename(name);
      return `You are ${name} now.`;
    });
  }

  return html`<form class="part" onSubmit=${submit}>
    <h3>Nickname</h3>
    <label for="new-nickname">Nickname</label>
    <input
      id="new-nickname"
      value=${text}
      dir="auto"
      autocomplete="username"
      autocapitalize="none"
      spellcheck=${false}
      onInput=${(event) => setText(event.target.value)}
      required
    />
    <${Counter} text=${name} max=${MAX_NICKNAME_LENGTH} />
    <${Outcome} task=${task} />
    <button
      class="primary"
      disabled=${task.busy || !name || name === nickname || isTooLong}
    >
      Change nickname
    </button>
  </form>`;
}
