// Goes to what was said on a day.

import { useState } from "preact/hooks";

import { html } from "../html.js";
import { dayOf } from "../logic/timeline.js";
import { Dialog } from "./Dialog.js";
import { Outcome } from "./Outcome.js";
import { useTask } from "./useTask.js";

export function GoToDay({ state, session, onClose }) {
  const { today, conversation } = state;
  const [oldest] = conversation.messages;
  const [day, setDay] = useState(oldest ? dayOf(oldest.created_at) : today);
  const task = useTask();

  function submit(event) {
    event.preventDefault();
    task.run(async () => {
      await session.chat.visit.goToDay(day);
      onClose();
    });
  }

  return html`<${Dialog} title="Go to a day" onClose=${onClose}>
    <form class="part" onSubmit=${submit}>
      <label for="day">Day</label>
      <input
        id="day"
        type="date"
        max=${today}
        autofocus
        required
        value=${day}
        onInput=${(event) => setDay(event.target.value)}
      />
      <p class="help">Where nothing was said on it, what came next is shown.</p>
      <${Outcome} task=${task} />
      <button class="primary" disabled=${task.busy || !day || day > today}>Go there</button>
    </form>
  <//>`;
}
