// Makes a room, or begins a conversation of a few people.

import { useState } from "preact/hooks";

import { html } from "../html.js";
import { ChoosePeople } from "./ChoosePeople.js";
import { Dialog } from "./Dialog.js";
import { Outcome } from "./Outcome.js";
import { RoomFields, isFit, trimmed } from "./RoomFields.js";
import { useTask } from "./useTask.js";

const KINDS = [
  ["public", "Public", "Everybody finds it, reads it and can join."],
  ["private", "Private", "Only who is added knows of it."],
  ["direct", "Direct", "Only the people you choose now, for good."],
];

export function NewRoom({ state, session, onClose }) {
  const [typed, setTyped] = useState({ name: "", topic: "" });
  const [kind, setKind] = useState("public");
  const [chosen, setChosen] = useState([]);
  const task = useTask();
  const fields = trimmed(typed);
  const isDirect = kind === "direct";
  const isReady = isDirect ? chosen.length > 0 : isFit(fields);
  const { rooms } = session.chat;

  function submit(event) {
    event.preventDefault();
    task.run(async () => {
      if (isDirect) await rooms.openDirect(chosen);
      else await rooms.create({ ...fields, kind });
      onClose();
    });
  }

  return html`<${Dialog} title="New room" onClose=${onClose}>
    <form class="part" onSubmit=${submit}>
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
      ${
        isDirect
          ? html`<${ChoosePeople} state=${state} chosen=${chosen} onChange=${setChosen} />`
          : html`<${RoomFields}
              fields=${typed}
              topicLabel="What it is about (optional)"
              onChange=${setTyped}
            />`
      }
      <${Outcome} task=${task} />
      <button class="primary" disabled=${task.busy || !isReady}>
        ${isDirect ? "Write to them" : "Make the room"}
      </button>
    </form>
  <//>`;
}
