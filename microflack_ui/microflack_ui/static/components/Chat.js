// What somebody sees who is signed in: rooms, people, the conversation, a field to write
// in.

import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";

import { html } from "../html.js";
import { withOneselfOnline } from "../logic/people.js";
import { Announcer } from "./Announcer.js";
import { DialogOf } from "./DialogOf.js";
import { Problem } from "./Problem.js";
import { RoomBar } from "./RoomBar.js";
import { Sidebar } from "./Sidebar.js";
import { Timeline } from "./Timeline.js";
import { useFileDrop } from "./useFileDrop.js";
import { useShortcuts } from "./useShortcuts.js";
import { useTitle } from "./useTitle.js";
import { useWebPush } from "./useWebPush.js";
import { WritingPlace } from "./WritingPlace.js";

const ONLINE = ["online", "polling"];

export function Chat({ state, session }) {
  const { chat } = session;
  const { place, connection } = state;
  const [showsPeople, setShowsPeople] = useState(false);
  const composer = useRef();
  const drop = useFileDrop(state, chat);
  useTitle(state, chat.markSeen);
  useShortcuts(state, chat);
  useWebPush(chat.webPush, ONLINE.includes(connection));

  // Who has signed in, changed rooms or finished editing can write at once. Not on a touch
  // screen, where the focus would bring up a keyboard over half of it.
  useEffect(() => {
    const hasKeyboard = matchMedia("(hover: hover)").matches;
    if (state.editingId === null && hasKeyboard) composer.current?.focus();
  }, [state.editingId, state.replyTo, place.roomId]);

  const people = useMemo(
    () =>
      ONLINE.includes(connection)
        ? withOneselfOnline(state.people, state.userId)
        : state.people,
    [state.people, state.userId, connection],
  );
  const closePeople = useCallback(() => setShowsPeople(false), []);
  // What somebody goes to in the history is not new.
  const stretch = `${place.roomId} ${state.conversation.isPart}`;

  return html`<div class="chat">
    <${Sidebar}
      state=${state}
      people=${people}
      open=${showsPeople}
      onClose=${closePeople}
      session=${session}
    />
    <main class="conversation" inert=${showsPeople} ...${drop.handlers}>
      <${RoomBar}
        state=${state}
        chat=${chat}
        showsPeople=${showsPeople}
        onShowPeople=${() => setShowsPeople(true)}
      />
      <${Timeline} key=${place.roomId} state=${state} chat=${chat} />
      <${WritingPlace} state=${state} chat=${chat} inputRef=${composer} />
      ${drop.isOver && html`<p class="drop-here">Drop files to attach them</p>`}
    </main>
    <${Announcer} key=${stretch} state=${state} />
    ${
      state.problem &&
      html`<${Problem}
        text=${state.problem}
        onDismiss=${chat.overlay.dismissProblem}
      />`
    }
    ${state.dialog && html`<${DialogOf} state=${state} session=${session} />`}
  </div>`;
}
