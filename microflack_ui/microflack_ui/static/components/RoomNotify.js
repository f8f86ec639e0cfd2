// Of what in a room somebody wants to be told.

import { useState } from "preact/hooks";

import { html } from "../html.js";
import { Outcome } from "./Outcome.js";
import { useTask } from "./useTask.js";

const CHOICES = [
  ["all", "Every message"],
  ["mentions", "Only when you are mentioned"],
  ["none", "Nothing: the room is muted"],
];

export function RoomNotify({ room, onNotify }) {
  // Until the server has answered.
  const [chosen, setChosen] = useState(null);
  const task = useTask();
  const choose = async (notify) => {
    setChosen(notify);
    await task.run(() => onNotify(room.id, notify));
    setChosen(null);
  };
  return html`<fieldset class="part choices">
    <legend>What you are told of</legend>
    ${CHOICES.map(
      ([value, title]) =>
        html`<label class="choice" key=${value}>
          <input
            type="radio"
            name="notify"
            checked=${(chosen ?? room.notify ?? "all") === value}
            onChange=${() => choose(value)}
          />
          <span>${title}</span>
        </label>`,
    )}
    <${Outcome} task=${task} />
  </fieldset>`;
}
