// Chooses an emoji for a message: one of those that are offered, or any other.

import { useState } from "preact/hooks";

import { html } from "../html.js";
import { Dialog } from "./Dialog.js";
import { EmojiSearch } from "./EmojiSearch.js";
import { useReacting } from "./useReacting.js";

export function ReactionPicker({ state, session, subject: message, onClose }) {
  const [other, setOther] = useState("");
  const react = useReacting(session.chat, message, state, onClose);
  function submit(event) {
    event.preventDefault();
    if (other.trim()) react.toggle(other.trim());
  }
  return html`<${Dialog} title="React" onClose=${onClose}>
    <${EmojiSearch} mine=${react.mine} onPick=${react.toggle} />
    <form class="part" onSubmit=${submit}>
      <label for="other-emoji">Another emoji</label>
      <input
        id="other-emoji"
        value=${other}
        autocomplete="off"
        onInput=${(event) => setOther(event.target.value)}
      />
      <button class="primary" disabled=${!other.trim()}>React with it</button>
    </form>
  <//>`;
}
