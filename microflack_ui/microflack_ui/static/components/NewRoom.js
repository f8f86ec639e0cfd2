// Makes a room.

import { useState } from "preact/hooks";

import { html } from "../html.js";
import { Dialog } from "./Dialog.js";
import { Outcome } from "./Outcome.js";
import { RoomFields, isFit, trimmed } from "./RoomFields.js";
import { useTask } from "./useTask.js";

const KINDS = [
  ["public", "Public", "Everybody finds it, reads it and can join."],
  ["private", "Private", "Only who is added knows of it."],
];

export function NewRoom({ session, onClose }) {
  const [typed, setTyped] = useState({ name: "", topic: "" });
  const [kind, setKind] = useState("public");
  const task = useTask();
  const fields = trimmed(typed);

  function submit(event) {
    event.preventDefault();
    task.run(async () => {
      await session.chat.rooms.create({ ...fields, kind });
      onClose();
    });
  }

  return html`<${Dialog} title="New room" onClose=${onClose}>
    <form class="part" onSubmit=${submit}>
      <${RoomFields}
        fields=${typed}
        topicLabel="What it is about (optional)"
        onChange=${setTyped}
      />
      <fieldset class="choices">
        <legend>Who can read it</legend>
        ${KINDS.map(
          ([value, title, text]) =>
            html`<label class="choice" key=${value}>
              <input
                type="radio"
                name="kind"
                checked=${kind === value}
                onChange=${() => setKind(value)}
              />
              <span>${title}<span class="help">${text}</span></span>
            </label>`,
        )}
      </fieldset>
      <${Outcome} task=${task} />
      <button class="primary" disabled=${task.busy || !isFit(fields)}>
        Make the room
      </button>
    </form>
  <//>`;
}
