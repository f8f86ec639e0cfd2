// What somebody sees who is signed in: people, the conversation, a field to write in.

import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";

import { html } from "../html.js";
import { withOneselfOnline } from "../logic/people.js";
import { Account } from "./Account.js";
import { Admin } from "./Admin.js";
import { Announcer } from "./Announcer.js";
import { Composer } from "./Composer.js";
import { Connection } from "./Connection.js";
import { Sidebar } from "./Sidebar.js";
import { Timeline } from "./Timeline.js";
import { useTitle } from "./useTitle.js";

// What opens over the chat.
const DIALOGS = { account: Account, admin: Admin };

const ONLINE = ["online", "polling"];

export function Chat({ state, session }) {
  const { chat } = session;
  const [showsPeople, setShowsPeople] = useState(false);
  const [dialog, setDialog] = useState(null);
  const composer = useRef();
  useTitle(state.unreadCount, chat.markSeen);

  // Who has signed in or finished editing can write at once. Not on a touch screen,
  // where the focus would bring up a keyboard over half of it.
  useEffect(() => {
    const hasKeyboard = matchMedia("(hover: hover)").matches;
    if (state.editingId === null && hasKeyboard) composer.current.focus();
  }, [state.editingId]);

  const people = useMemo(
    () =>
      ONLINE.includes(state.connection)
        ? withOneselfOnline(state.people, state.userId)
        : state.people,
    [state.people, state.userId, state.connection],
  );
  const closePeople = useCallback(() => setShowsPeople(false), []);
  const closeDialog = useCallback(() => setDialog(null), []);
  const show = (name) => {
    setShowsPeople(false);
    setDialog(name);
  };

  return html`<div class="chat">
    <${Sidebar}
      people=${people}
      userId=${state.userId}
      open=${showsPeople}
      onClose=${closePeople}
      onShow=${show}
      onSignOut=${session.signOut}
    />
    <main class="conversation" inert=${showsPeople}>
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
    ${
      dialog &&
      html`<${DIALOGS[dialog]}
        state=${state}
        session=${session}
        onClose=${closeDialog}
      />`
    }
  </div>`;
}
