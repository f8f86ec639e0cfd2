// What somebody sees who is signed in: people, the conversation, a field to write in.

import { useEffect, useRef, useState } from "preact/hooks";

import { html } from "../html.js";
import { Announcer } from "./Announcer.js";
import { Composer } from "./Composer.js";
import { Connection } from "./Connection.js";
import { Sidebar } from "./Sidebar.js";
import { Timeline } from "./Timeline.js";
import { useTitle } from "./useTitle.js";

export function Chat({ state, session }) {
  const { chat } = session;
  const [showsPeople, setShowsPeople] = useState(false);
  const composer = useRef();
  useTitle(state.unreadCount, chat.markSeen);

  // Who has signed in or finished editing can write at once. Not on a touch screen,
  // where the focus would bring up a keyboard over half of it.
  useEffect(() => {
    const hasKeyboard = matchMedia("(hover: hover)").matches;
    if (state.editingId === null && hasKeyboard) composer.current.focus();
  }, [state.editingId]);

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
          onTryNow=${chat.tryNow}
        />
      </header>
      <${Timeline} state=${state} chat=${chat} />
      <${Composer}
        inputRef=${composer}
        text=${state.draft}
        onChange=${chat.setDraft}
        onSend=${chat.send}
        onEditLast=${chat.editLastMessage}
      />
    </main>
    <${Announcer} state=${state} />
  </div>`;
}
