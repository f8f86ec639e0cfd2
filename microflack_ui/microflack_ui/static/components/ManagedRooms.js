// All public rooms, with what an admin can do about each. What is private, admins neither
// see nor change.

import { useState } from "preact/hooks";

import { html } from "../html.js";
import { byName } from "../logic/rooms.js";
import { ManagedRoom } from "./ManagedRoom.js";
import { Outcome } from "./Outcome.js";
import { useTask } from "./useTask.js";

const MAX_SHOWN = 100;

export function ManagedRooms({ rooms, actions }) {
  const [sought, setSought] = useState("");
  const [editedId, setEditedId] = useState(null);
  const task = useTask();
  const wanted = sought.trim().toLocaleLowerCase();
  const found = byName(rooms).filter(
    ({ kind, name }) =>
      kind === "public" && name.toLocaleLowerCase().includes(wanted),
  );
  const act = (action, done) =>
    task.run(async () => {
      await action();
      return done;
    });

  return html`<section class="part" aria-labelledby="managed-rooms-title">
    <h3 id="managed-rooms-title">Public rooms</h3>
    <p class="help">Private ones are for their members alone: admins see none.</p>
    <label for="sought-room">Find a room</label>
    <input
      id="sought-room"
      type="search"
      value=${sought}
      onInput=${(event) => setSought(event.target.value)}
    />
    <${Outcome} task=${task} />
    <ul class="rows">
      ${found
        .slice(0, MAX_SHOWN)
        .map(
          (room) =>
            html`<${ManagedRoom}
              key=${room.id}
              room=${room}
              actions=${actions}
              onAct=${act}
              isEdited=${room.id === editedId}
              onEdit=${() => setEditedId(room.id)}
            />`,
        )}
    </ul>
    ${
      found.length > MAX_SHOWN &&
      html`<p class="help">and ${found.length - MAX_SHOWN} more</p>`
    }
  </section>`;
}
