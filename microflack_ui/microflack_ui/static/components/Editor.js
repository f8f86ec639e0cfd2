// Changes a message of one's own, in its place.

import { useEffect, useRef, useState } from "preact/hooks";

import { html } from "../html.js";
import { lengthOf } from "../logic/text.js";
import { MAX_MESSAGE_LENGTH } from "./Composer.js";
import { Counter } from "./Counter.js";
import { GrowingText } from "./GrowingText.js";

export function Editor({ message, onSave, onCancel }) {
  const [text, setText] = useState(message.source);
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const field = useRef();

  useEffect(() => {
    const { current } = field;
    current.focus();
    current.setSelectionRange(current.value.length, current.value.length);
    current.scrollIntoView({ block: "nearest" });
  }, []);

  const canSave = !busy && text.trim() && lengthOf(text) <= MAX_MESSAGE_LENGTH;

  async function save(event) {
    event?.preventDefault();
    if (!canSave) return;
    if (text === message.source) return onCancel();
    setBusy(true);
    try {
      await onSave(message.id, text);
    } catch (error) {
      setProblem(`Not saved. ${error.message}`);
      setBusy(false);
    }
  }

  function onKeyDown(event) {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    onCancel();
  }

  return html`<form class="editor" onSubmit=${save}>
    <${GrowingText}
      fieldRef=${field}
      aria-label="Edit your message"
      value=${text}
      onInput=${(event) => setText(event.target.value)}
      onEnter=${save}
      onKeyDown=${onKeyDown}
    />
    <${Counter} text=${text} max=${MAX_MESSAGE_LENGTH} />
    <p class="problem" role="alert">${problem}</p>
    <p class="editor-actions">
      <button class="primary" disabled=${!canSave}>
        ${busy ? "Saving…" : "Save"}
      </button>
      <button type="button" class="quiet" onClick=${onCancel}>Cancel</button>
      <span class="help"><kbd>Enter</kbd> saves · <kbd>Esc</kbd> cancels</span>
    </p>
  </form>`;
}
