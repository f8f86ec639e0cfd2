// The rooms that somebody is in, and the conversations with single people: first those
// in which there is something to read.

import { html } from "../html.js";
import { isIn } from "../logic/rooms.js";
import { sorted } from "../logic/unread.js";
import { memo } from "./memo.js";
import { RoomItem } from "./RoomItem.js";

export const RoomList = memo(({ rooms, roomId, chat, onChosen }) => {
  const go = (place) => {
    chat.visit.go(place);
    onChosen();
  };
  const show = (name) => {
    onChosen();
    chat.overlay.show(name);
  };
  // Who looks into a room that they are not in sees where they are.
  const shown = [...rooms.byId.values()].filter(
    (room) => isIn(room) || room.id === roomId,
  );
  const parts = [
    ["rooms-title", "Rooms", shown.filter(({ kind }) => kind !== "direct")],
    ["direct-title", "Direct messages", shown.filter(({ kind }) => kind === "direct")],
  ];
  return html`<nav class="rooms" aria-label="Rooms">
    <div class="room-actions">
      <button class="quiet" onClick=${() => show("switcher")}>
        Go to… <kbd aria-hidden="true">Ctrl K</kbd>
      </button>
      <button class="quiet" onClick=${() => show("search")}>Search</button>
      <button class="quiet" onClick=${() => show("newRoom")}>New room</button>
    </div>
    ${parts.map(
      ([id, title, list]) =>
        list.length > 0 &&
        html`<h2 id=${id} key=${id}>${title}</h2>
          <ul class="room-list" role="list" aria-labelledby=${id}>
            ${sorted(list).map(
              (room) =>
                html`<${RoomItem}
                  key=${room.id}
                  room=${room}
                  isCurrent=${room.id === roomId}
                  go=${go}
                />`,
            )}
          </ul>`,
    )}
  </nav>`;
});
