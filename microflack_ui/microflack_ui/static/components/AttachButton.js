// Picks files to send with a message.

import { useRef } from "preact/hooks";

import { html } from "../html.js";

export function AttachButton({ onPick }) {
  const field = useRef();
  function onChange({ target }) {
    onPick([...target.files]);
    // So that the same file can be picked again.
    target.value = "";
  }
  return html`<button
      type="button"
      class="quiet attach-button"
      title="Attach files"
      onClick=${() => field.current.click()}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path
          d="M13 7.5 7.6 12.9a3 3 0 0 1-4.3-4.3L9 3a2 2 0 0 1 2.8 2.8L6.5 11a1 1 0 0 1-1.4-1.4L10 4.8"
        />
      </svg>
      <span class="visually-hidden">Attach files</span>
    </button>
    <input
      ref=${field}
      class="file-field"
      type="file"
      multiple
      hidden
      aria-label="Files to attach"
      onChange=${onChange}
    />`;
}
