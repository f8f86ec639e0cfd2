// Shows in the title of the tab which room it is, and how many messages wait: those that
// came while nobody looked, and in other rooms those that are for this person.

import { useEffect } from "preact/hooks";

import { shownRooms } from "../logic/blocked.js";
import { EVERYONE, roomOf } from "../logic/rooms.js";
import { countWaiting } from "../logic/unread.js";

const NAME = "MicroFlack";

export function useTitle(state, onSeen) {
  const { unreadCount, rooms, place } = state;
  const count = unreadCount + countWaiting(shownRooms(state), place.roomId);
  const room = place.roomId === EVERYONE ? null : roomOf(rooms, place.roomId);
  const title = room ? `${room.name} · ${NAME}` : NAME;
  useEffect(() => {
    document.title = count ? `(${count}) ${title}` : title;
  }, [count, title]);

  useEffect(() => {
    const onChange = () => document.hidden || onSeen();
    document.addEventListener("visibilitychange", onChange);
    return () => {
      document.removeEventListener("visibilitychange", onChange);
      document.title = NAME;
    };
  }, [onSeen]);
}
