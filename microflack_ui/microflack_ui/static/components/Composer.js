// The field in which a message is written. A draft is kept until it is sent.

import { html } from "../html.js";
import { lengthOf } from "../logic/text.js";
import { mayWrite } from "../logic/rooms.js";
import { Attachments } from "./Attachments.js";
import { AttachButton } from "./AttachButton.js";
import { Counter } from "./Counter.js";
import { EmojiButton } from "./EmojiButton.js";
import { GrowingText } from "./GrowingText.js";
import { CompletionList } from "./CompletionList.js";
import { ReplyBar } from "./ReplyBar.js";
import { useCompletion } from "./useCompletion.js";

// What the messages service takes.
export const MAX_MESSAGE_LENGTH = 16_384;

export function Composer({ state, chat, inputRef }) {
  const { writing, uploads } = chat;
  const { roomId } = state.place;
  const text = state.drafts[roomId] ?? "";
  const files = state.uploads.filter((file) => file.roomId === roomId);
  const isUploading = files.some((file) => !file.id && !file.problem);
  const isSomething = text.trim() || files.some((file) => file.id);
  const canSend =
    isSomething && !isUploading && lengthOf(text) <= MAX_MESSAGE_LENGTH;
  const completion = useCompletion({ state, chat, text, field: inputRef });

  function send(event) {
    event?.preventDefault();
    if (canSend) {
      writing.send(text);
      writing.setDraft("");
    }
    inputRef.current.focus();
  }

  function onInput(event) {
    writing.setDraft(event.target.value);
    completion.update();
    chat.tellTyping();
  }

  function onKeyDown(event) {
    if (completion.onKeyDown(event)) return;
    if (event.key === "Escape" && state.replyTo) {
      event.preventDefault();
      writing.reply(null);
    } else if (event.key === "ArrowUp" && !text) {
      event.preventDefault();
      chat.messages.editLastMessage();
    }
  }

  function onPaste(event) {
    const { files: pasted } = event.clipboardData;
    if (!pasted.length || !mayWrite(state)) return;
    event.preventDefault();
    uploads.add(pasted);
  }

  return html`<form class="composer" onSubmit=${send}>
    <${ReplyBar} state=${state} onCancel=${() => writing.reply(null)} />
    <${Attachments} files=${files} onRemove=${uploads.remove} />
    <label class="visually-hidden" for="composer">Message</label>
    <div class="composer-field">
      <${CompletionList} completion=${completion} />
      <${GrowingText}
        id="composer"
        fieldRef=${inputRef}
        value=${text}
        placeholder="Write a message"
        aria-describedby="composer-help"
        ...${completion.attributes}
        onInput=${onInput}
        onPaste=${onPaste}
        onEnter=${() => completion.take() || send()}
        onKeyDown=${onKeyDown}
      />
    </div>
    <div class="composer-tools">
      <${EmojiButton} field=${inputRef} chat=${chat} />
      ${mayWrite(state) && html`<${AttachButton} onPick=${uploads.add} />`}
    </div>
    <button class="primary" disabled=${!canSend}>Send</button>
    <${Counter} text=${text} max=${MAX_MESSAGE_LENGTH} />
    <p class="help" id="composer-help">
      <kbd>Enter</kbd> sends · <kbd>Shift</kbd>+<kbd>Enter</kbd> starts a line ·${" "}
      <kbd>↑</kbd> edits your last message
    </p>
  </form>`;
}
