// The chat of somebody who is signed in.

import { useEffect, useRef, useState } from "preact/hooks";

import { html } from "../html.js";
import { Announcer } from "./Announcer.js";
import { Composer } from "./Composer.js";
import { Connection } from "./Connection.js";
import { Sidebar } from "./Sidebar.js";
import { Timeline } from "./Timeline.js";
import { useTitle } from "./useTitle.js";

export function Chat({ state, session }) {
  const { room } = session;
  const [showsPeople, setShowsPeople] = useState(false);
  const composer = useRef();
  useTitle(state.unread, room.seen);

  // Whoever comes in or finishes editing goes on writing. Not where the focus would
  // bring up a keyboard over half of the screen.
  useEffect(() => {
    const hasKeyboard = matchMedia("(hover: hover)").matches;
    if (state.editing === null && hasKeyboard) composer.current.focus();
  }, [state.editing]);

  return html`<div class="chat">
    <${Sidebar}
      people=${state.people}
      userId=${state.userId}
      open=${showsPeople}
      onClose=${() => setShowsPeople(false)}
      onSignOut=${session.signOut}
    />
    <main class="conversation">
      <header class="bar">
        <button
          class="quiet people-button"
          aria-expanded=${showsPeople}
          aria-controls="people"
          onClick=${() => setShowsPeople(true)}
        >
          People
        </button>
        <h1>Everyone</h1>
        <${Connection}
          connection=${state.connection}
          trouble=${state.trouble}
          onTryNow=${room.tryNow}
        />
      </header>
      <${Timeline} state=${state} room=${room} />
      <${Composer}
        inputRef=${composer}
        text=${state.draft}
        onChange=${room.draft}
        onSend=${room.send}
        onEditLast=${room.editLast}
      />
    </main>
    <${Announcer} state=${state} />
  </div>`;
}
