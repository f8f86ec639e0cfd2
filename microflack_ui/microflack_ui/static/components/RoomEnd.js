// Leaving a room, putting it away, or deleting it.

import { html } from "../html.js";
import { isAdmin } from "../logic/people.js";
import { EVERYONE, isIn, mayChange, mayRemove } from "../logic/rooms.js";
import { Outcome } from "./Outcome.js";
import { RoomButtons } from "./RoomButtons.js";
import { useTask } from "./useTask.js";

export function RoomEnd({ state, room, actions, onClose }) {
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
  const remove = () => andClose(() => actions.remove(id));

  return html`<section class="part">
    <div class="row-actions">
      ${
        isIn(room) &&
        html`<button class="quiet" onClick=${() => andClose(() => actions.leave(id))}>
          Leave the room
        </button>`
      }
      <${RoomButtons}
        archived=${archived}
        onArchive=${mayChange(room, admin) && archive}
        onDelete=${mayRemove(room, admin) && remove}
      />
    </div>
    <${Outcome} task=${task} />
  </section>`;
}
