// Asks before a message is deleted: it cannot be brought back.

import { html } from "../html.js";
import { Dialog } from "./Dialog.js";
import { Outcome } from "./Outcome.js";
import { excerptOf } from "./ServerHtml.js";
import { useTask } from "./useTask.js";

export function DeleteMessage({ session, subject: message, onClose }) {
  const task = useTask();
  const remove = () =>
    task.run(async () => {
      await session.chat.messages.remove(message.id);
      onClose();
    });
  return html`<${Dialog} title="Delete this message?" onClose=${onClose}>
    <blockquote class="excerpt" dir="auto">${excerptOf(message)}</blockquote>
    <p>Its text and files go for good. That there was a message can still be seen.</p>
    <${Outcome} task=${task} />
    <p class="dialog-actions">
      <button class="primary danger" disabled=${task.busy} onClick=${remove}>
        Delete
      </button>
      <button class="quiet" onClick=${onClose}>Keep it</button>
    </p>
  <//>`;
}
