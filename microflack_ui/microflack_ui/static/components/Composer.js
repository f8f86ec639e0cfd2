// The field in which a message is written. A draft is kept until it is sent.

import { html } from "../html.js";
import { GrowingText } from "./GrowingText.js";

export function Composer({ inputRef, text, onChange, onSend, onEditLast }) {
  function send(event) {
    event?.preventDefault();
    if (text.trim()) {
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
    <button class="primary" disabled=${!text.trim()}>Send</button>
    <p class="help" id="composer-help">
      <kbd>Enter</kbd> sends · <kbd>Shift</kbd>+<kbd>Enter</kbd> starts a line ·${" "}
      <kbd>↑</kbd> edits your last message
    </p>
  </form>`;
}
