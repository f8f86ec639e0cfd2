// A public room in the list of an admin, with what can be done.

import { useEffect, useRef } from "preact/hooks";

import { html } from "../html.js";
import { EVERYONE } from "../logic/rooms.js";
import { RoomButtons } from "./RoomButtons.js";
import { RoomForm } from "./RoomForm.js";

export function ManagedRoom({ room, actions, onAct, isEdited, onEdit }) {
  const row = useRef();
  useEffect(() => {
    if (isEdited) row.current.querySelector("input").focus();
  }, [isEdited]);
  const { id, name, members, archived } = room;
  const title = `managed-room-${id}`;
  const archive = () =>
    onAct(
      () => actions.change(id, { archived: !archived }),
      archived ? `${name} is back.` : `${name} takes nothing new.`,
    );
  const remove = () => onAct(() => actions.remove(id), `${name} is deleted.`);

  return html`<li class="row" ref=${row}>
    <div class="row-text" id=${title}>
      <bdi>${name}</bdi> <span class="help">${peopleIn(members)}</span>
      ${archived && html` <span class="tag">archived</span>`}
    </div>
    <div class="row-actions" role="group" aria-labelledby=${title}>
      <button class="quiet" onClick=${onEdit}>Rename</button>
      ${
        id !== EVERYONE &&
        html`<${RoomButtons}
          archived=${archived}
          onArchive=${archive}
          onDelete=${remove}
        />`
      }
    </div>
    ${isEdited && html`<${RoomForm} room=${room} onChange=${actions.change} />`}
  </li>`;
}

function peopleIn(count) {
  return count === 1 ? "1 person" : `${count} people`;
}
