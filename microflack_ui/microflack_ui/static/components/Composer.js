// The field in which a message is written. A draft is kept until it is sent.

import { html } from "../html.js";
import { lengthOf } from "../logic/text.js";
import { Counter } from "./Counter.js";
import { GrowingText } from "./GrowingText.js";

// What the messages service takes.
export const MAX_MESSAGE_LENGTH = 16_384;

export function Composer({ inputRef, text, onChange, onSend, onEditLast }) {
  const canSend = text.trim() && lengthOf(text) <= MAX_MESSAGE_LENGTH;

  function send(event) {
    event?.preventDefault();
    if (canSend) {
      onSend(text);
      onChange("");
    }
    inputRef.current.focus();
  }

  function onKeyDown(event) {
    if (event.key !== "ArrowUp" || text) return;
    event.preventDefault();
    onEditLast();
  }

  return html`<form class="composer" onSubmit=${send}>
    <label class="visually-hidden" for="composer">Message</label>
    <${GrowingText}
      id="composer"
      fieldRef=${inputRef}
      value=${text}
      placeholder="Write a message"
      aria-describedby="composer-help"
      onInput=${(event) => onChange(event.target.value)}
      onEnter=${send}
      onKeyDown=${onKeyDown}
    />
    <button class="primary" disabled=${!canSend}>Send</button>
    <${Counter} text=${text} max=${MAX_MESSAGE_LENGTH} />
    <p class="help" id="composer-help">
      <kbd>Enter</kbd> sends · <kbd>Shift</kbd>+<kbd>Enter</kbd> starts a line ·${" "}
      <kbd>↑</kbd> edits your last message
    </p>
  </form>`;
}
