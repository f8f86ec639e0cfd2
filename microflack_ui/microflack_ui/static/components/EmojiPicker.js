// Chooses an emoji for what is being written.

import { html } from "../html.js";
import { Dialog } from "./Dialog.js";
import { EmojiSearch } from "./EmojiSearch.js";

// `subject(emoji)` puts it there.
export function EmojiPicker({ subject: insert, onClose }) {
  const pick = (emoji) => {
    onClose();
    insert(emoji);
  };
  return html`<${Dialog} title="Emoji" onClose=${onClose}>
    <${EmojiSearch} onPick=${pick} />
  <//>`;
}
