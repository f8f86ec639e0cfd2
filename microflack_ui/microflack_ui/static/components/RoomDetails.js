// The room that is shown: what it is about, how one is told of it, who is in it, and how
// it ends.

import { html } from "../html.js";
import { isAdmin } from "../logic/people.js";
import { isIn, mayChange, roomOf } from "../logic/rooms.js";
import { Dialog } from "./Dialog.js";
import { RoomEnd } from "./RoomEnd.js";
import { RoomForm } from "./RoomForm.js";
import { RoomMembers } from "./RoomMembers.js";
import { RoomNotify } from "./RoomNotify.js";

export function RoomDetails({ state, session, onClose }) {
  const { rooms, place, people, userId } = state;
  const actions = session.chat.rooms;
  const room = roomOf(rooms, place.roomId);
  if (!room) return null;
  const canChange = mayChange(room, isAdmin(people, userId));
  return html`<${Dialog} title=${room.name} onClose=${onClose}>
    ${room.topic && !canChange && html`<p class="topic" dir="auto">${room.topic}</p>`}
    ${canChange && html`<${RoomForm} room=${room} onChange=${actions.change} />`}
    ${isIn(room) && html`<${RoomNotify} room=${room} onNotify=${actions.notify} />`}
    <${RoomMembers} state=${state} room=${room} actions=${actions} />
    <${RoomEnd} state=${state} room=${room} actions=${actions} onClose=${onClose} />
  <//>`;
}
