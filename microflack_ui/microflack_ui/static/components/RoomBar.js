// Above the conversation: which room it is, and whether it is up to date.

import { html } from "../html.js";
import { shownRooms } from "../logic/blocked.js";
import { roomOf } from "../logic/rooms.js";
import { countWaiting } from "../logic/unread.js";
import { Connection } from "./Connection.js";
import { RoomSign } from "./RoomSign.js";

export function RoomBar({ state, chat, showsPeople, onShowPeople }) {
  const { rooms, place } = state;
  const waiting = countWaiting(shownRooms(state), place.roomId);
  return html`<header class="bar">
    <button
      class="quiet people-button"
      aria-expanded=${showsPeople}
      aria-controls="people"
      onClick=${onShowPeople}
    >
      ${
        rooms.areThere
          ? html`Rooms<span class="visually-hidden"> and People</span>`
          : "People"
      }
      ${waiting > 0 && html` <span class="badge">${waiting}</span>`}
    </button>
    <${Title} state=${state} onShow=${() => chat.overlay.show("room")} />
    ${
      rooms.areThere &&
      !state.isMissing &&
      html`<${DayButton} onClick=${() => chat.overlay.show("day")} />`
    }
    <${Connection}
      connection=${state.connection}
      trouble=${state.trouble}
      onTryNow=${chat.tryNow}
    />
  </header>`;
}

function DayButton({ onClick }) {
  return html`<button
    class="quiet day-button"
    title="Go to a day"
    aria-haspopup="dialog"
    onClick=${onClick}
  >
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <path d="M2.5 3.5h11v10h-11zM2.5 6.5h11M5.5 1.5v3M10.5 1.5v3" />
    </svg>
    <span class="visually-hidden">Go to a day</span>
  </button>`;
}

function Title({ state, onShow }) {
  const { rooms, place, isMissing } = state;
  const room = roomOf(rooms, place.roomId);
  if (!room || isMissing) return html`<h1>${isMissing ? "No such room" : "…"}</h1>`;
  if (!rooms.areThere) return html`<h1>${room.name}</h1>`;
  return html`<div class="room-title">
    <h1>
      <button class="title-button" aria-haspopup="dialog" onClick=${onShow}>
        <${RoomSign} kind=${room.kind} /><bdi>${room.name}</bdi>
      </button>
    </h1>
    ${room.topic && html`<p class="topic" dir="auto">${room.topic}</p>`}
  </div>`;
}
