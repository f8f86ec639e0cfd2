// Leaving a room, putting it away, or deleting it. What cannot be taken back is asked
// twice.

import { useState } from "preact/hooks";

import { html } from "../html.js";
import { isAdmin } from "../logic/people.js";
import { EVERYONE, isIn, mayChange, mayRemove } from "../logic/rooms.js";
import { Outcome } from "./Outcome.js";
import { useTask } from "./useTask.js";

export function RoomEnd({ state, room, actions, onClose }) {
  const [isSure, setIsSure] = useState(false);
  const task = useTask();
  const admin = isAdmin(state.people, state.userId);
  const { id, archived } = room;
  if (id === EVERYONE || room.kind === "direct") return null;

  const andClose = (action) =>
    task.run(async () => {
      await action();
      onClose();
    });
  const archive = () => task.run(() => actions.change(id, { archived: !archived }));
  const remove = () => (isSure ? andClose(() => actions.remove(id)) : setIsSure(true));

  return html`<section class="part">
    <div class="row-actions">
      ${
        isIn(room) &&
        html`<button class="quiet" onClick=${() => andClose(() => actions.leave(id))}>
          Leave the room
        </button>`
      }
      ${
        mayChange(room, admin) &&
        html`<button class="quiet" onClick=${archive}>
          ${archived ? "Bring it back" : "Archive it"}
        </button>`
      }
      ${
        mayRemove(room, admin) &&
        html`<button class="quiet danger" onClick=${remove}>
          ${isSure ? "Yes, delete all of it for good" : "Delete it"}
        </button>`
      }
    </div>
    <${Outcome} task=${task} />
  </section>`;
}
