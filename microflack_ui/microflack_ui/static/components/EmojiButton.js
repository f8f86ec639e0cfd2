// Puts an emoji into the message that is being written, where the caret is.

import { html } from "../html.js";
import { placeCaret } from "./placeCaret.js";

export function EmojiButton({ field, chat }) {
  function insert(emoji) {
    const { value, selectionStart, selectionEnd } = field.current;
    const before = value.slice(0, selectionStart) + emoji;
    chat.writing.setDraft(before + value.slice(selectionEnd));
    placeCaret(field, before.length);
  }
  // Where the focus is when it opens, it returns to.
  function open() {
    field.current.focus();
    chat.overlay.show("emoji", insert);
  }
  return html`<button
    type="button"
    class="quiet attach-button emoji-button"
    title="Emoji"
    aria-haspopup="dialog"
    onClick=${open}
  >
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <circle cx="8" cy="8" r="6" />
      <path d="M5.5 9.5a3 3 0 0 0 5 0M6 6v.5M10 6v.5" />
    </svg>
    <span class="visually-hidden">Emoji</span>
  </button>`;
}
