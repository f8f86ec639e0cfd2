// Under the conversation: a field to write in, or why there is none.

import { html } from "../html.js";
import { EVERYONE, isIn, roomOf } from "../logic/rooms.js";
import { Composer } from "./Composer.js";
import { PlaceLink } from "./PlaceLink.js";
import { TypingLine } from "./TypingLine.js";
import { useTask } from "./useTask.js";

export function WritingPlace({ state, chat, inputRef }) {
  const { rooms, place, isMissing } = state;
  const room = roomOf(rooms, place.roomId);
  if (isMissing || (!room && rooms.areThere)) {
    return html`<p class="no-writing">
      There is no such room, or it is not for you.${" "}
      <${PlaceLink} place=${{ roomId: EVERYONE }} go=${chat.visit.go}>Go to Everyone<//>
    </p>`;
  }
  if (!room) return html`<p class="no-writing">…</p>`;
  if (room.archived) {
    return html`<p class="no-writing">
      This room is archived: it can be read, and nothing new can be said.
    </p>`;
  }
  if (!isIn(room)) return html`<${Join} room=${room} chat=${chat} />`;
  return html`<${TypingLine} state=${state} />
    <${Composer}
      key=${room.id}
      state=${state}
      chat=${chat}
      inputRef=${inputRef}
    />`;
}

function Join({ room, chat }) {
  const task = useTask();
  const join = () => task.run(() => chat.rooms.join(room.id));
  return html`<div class="no-writing">
    <p>You are looking into this room. Join it to write here.</p>
    <button class="primary" disabled=${task.busy} onClick=${join}>
      Join <bdi>${room.name}</bdi>
    </button>
    <p class="problem" role="alert">${task.problem}</p>
  </div>`;
}
