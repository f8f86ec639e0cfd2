// Makes a room.

import { useState } from "preact/hooks";

import { html } from "../html.js";
import { lengthOf } from "../logic/text.js";
import { Dialog } from "./Dialog.js";
import { Outcome } from "./Outcome.js";
import { useTask } from "./useTask.js";

export const MAX_ROOM_NAME_LENGTH = 80;
const KINDS = [
  ["public", "Public", "Everybody finds it, reads it and can join."],
  ["private", "Private", "Only who is added knows of it."],
];

export function NewRoom({ session, onClose }) {
  const [name, setName] = useState("");
  const [topic, setTopic] = useState("");
  const [kind, setKind] = useState("public");
  const task = useTask();
  const isTooLong = lengthOf(name.trim()) > MAX_ROOM_NAME_LENGTH;

  function submit(event) {
    event.preventDefault();
    const fields = { name: name.trim(), kind };
    if (topic.trim()) fields.topic = topic.trim();
    task.run(async () => {
      await session.chat.rooms.create(fields);
      onClose();
    });
  }

  return html`<${Dialog} title="New room" onClose=${onClose}>
    <form class="part" onSubmit=${submit}>
      <label for="room-name">Name</label>
      <input
        id="room-name"
        value=${name}
        dir="auto"
        autocomplete="off"
        onInput=${(event) => setName(event.target.value)}
        required
      />
      <label for="room-topic">What it is about (optional)</label>
      <input
        id="room-topic"
        value=${topic}
        dir="auto"
        autocomplete="off"
        onInput=${(event) => setTopic(event.target.value)}
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
      <button class="primary" disabled=${task.busy || !name.trim() || isTooLong}>
        Make the room
      </button>
    </form>
  <//>`;
}
