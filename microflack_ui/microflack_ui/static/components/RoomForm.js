// Changes a room's name and topic.

import { useState } from "preact/hooks";

import { html } from "../html.js";
import { lengthOf } from "../logic/text.js";
import { MAX_ROOM_NAME_LENGTH } from "./NewRoom.js";
import { Outcome } from "./Outcome.js";
import { useTask } from "./useTask.js";

export function RoomForm({ room, onChange }) {
  const [name, setName] = useState(room.name);
  const [topic, setTopic] = useState(room.topic ?? "");
  const task = useTask();
  const fields = { name: name.trim(), topic: topic.trim() };
  const isSame = fields.name === room.name && fields.topic === (room.topic ?? "");
  const isTooLong = lengthOf(fields.name) > MAX_ROOM_NAME_LENGTH;

  function submit(event) {
    event.preventDefault();
    task.run(async () => {
      await onChange(room.id, fields);
      return "Changed.";
    });
  }

  return html`<form class="part" onSubmit=${submit}>
    <h3>Name and topic</h3>
    <label for="room-name">Name</label>
    <input
      id="room-name"
      value=${name}
      dir="auto"
      autocomplete="off"
      onInput=${(event) => setName(event.target.value)}
      required
    />
    <label for="room-topic">Topic</label>
    <input
      id="room-topic"
      value=${topic}
      dir="auto"
      autocomplete="off"
      onInput=${(event) => setTopic(event.target.value)}
    />
    <${Outcome} task=${task} />
    <button
      class="primary"
      disabled=${task.busy || isSame || !fields.name || isTooLong}
    >
      Change
    </button>
  </form>`;
}
