// A room's name and topic, as a form asks for them.

import { html } from "../html.js";
import { lengthOf } from "../logic/text.js";
import { Counter } from "./Counter.js";

const MAX_NAME_LENGTH = 80;
const MAX_TOPIC_LENGTH = 500;

export const trimmed = ({ name, topic }) => ({
  name: name.trim(),
  topic: topic.trim(),
});

// Of what was trimmed: whether a room can have it.
export const isFit = ({ name, topic }) =>
  Boolean(name) &&
  lengthOf(name) <= MAX_NAME_LENGTH &&
  lengthOf(topic) <= MAX_TOPIC_LENGTH;

function Field({ id, label, value, max, required, onInput }) {
  return html`<label for=${id}>${label}</label>
    <input
      id=${id}
      value=${value}
      dir="auto"
      autocomplete="off"
      onInput=${(event) => onInput(event.target.value)}
      required=${required}
    />
    <${Counter} text=${value.trim()} max=${max} />`;
}

export function RoomFields({ fields, topicLabel, onChange }) {
  return html`<${Field}
      id="room-name"
      label="Name"
      value=${fields.name}
      max=${MAX_NAME_LENGTH}
      required
      onInput=${(name) => onChange({ ...fields, name })}
    />
    <${Field}
      id="room-topic"
      label=${topicLabel}
      value=${fields.topic}
      max=${MAX_TOPIC_LENGTH}
      onInput=${(topic) => onChange({ ...fields, topic })}
    />`;
}
