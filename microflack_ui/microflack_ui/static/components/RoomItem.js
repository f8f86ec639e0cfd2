// One line of the list of rooms.

import { html } from "../html.js";
import { attentionOf } from "../logic/unread.js";
import { memo } from "./memo.js";
import { PlaceLink } from "./PlaceLink.js";
import { RoomSign } from "./RoomSign.js";

const MAX_COUNT = 99;

export const RoomItem = memo(({ room, isCurrent, go }) => {
  const { id, name, kind, notify, archived } = room;
  const attention = isCurrent ? 0 : attentionOf(room);
  const classes = ["room", `attention-${attention}`];
  if (notify === "none" || archived) classes.push("muted");
  return html`<li class=${classes.join(" ")}>
    <${PlaceLink}
      place=${{ roomId: id }}
      go=${go}
      aria-current=${isCurrent ? "page" : undefined}
    >
      <${RoomSign} kind=${kind} />
      <bdi class="room-name">${name}</bdi>
      ${attention > 0 && html`<${Badge} room=${room} />`}
      ${notify === "none" && html`<span class="visually-hidden">, muted</span>`}
    <//>
  </li>`;
});

function Badge({ room: { unread, mentions, kind } }) {
  const shown = kind === "direct" || !mentions ? unread : mentions;
  const sign = mentions && kind !== "direct" ? "@" : "";
  return html`<span class="badge" aria-hidden="true">
      ${sign}${shown > MAX_COUNT ? `${MAX_COUNT}+` : shown}
    </span>
    <span class="visually-hidden">
      , ${unread} unread${mentions > 0 && `, you are mentioned ${times(mentions)}`}
    </span>`;
}

function times(count) {
  return count === 1 ? "once" : `${count} times`;
}
