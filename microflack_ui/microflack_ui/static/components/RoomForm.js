// Changes a room's name and topic.

import { useState } from "preact/hooks";

import { html } from "../html.js";
import { Outcome } from "./Outcome.js";
import { RoomFields, isFit, trimmed } from "./RoomFields.js";
import { useTask } from "./useTask.js";

export function RoomForm({ room, onChange }) {
  const known = { name: room.name, topic: room.topic ?? "" };
  const [typed, setTyped] = useState(known);
  const task = useTask();
  const fields = trimmed(typed);
  const isSame = fields.name === known.name && fields.topic === known.topic;

  function submit(event) {
    event.preventDefault();
    task.run(async () => {
      await onChange(room.id, fields);
      return "Changed.";
    });
  }

  return html`<form class="part" onSubmit=${submit}>
    <h3>Name and topic</h3>
    <${RoomFields} fields=${typed} topicLabel="Topic" onChange=${setTyped} />
    <${Outcome} task=${task} />
    <button
      class="primary"
      disabled=${task.busy || isSame || !isFit(fields)}
    >
      Change
    </button>
  </form>`;
}
