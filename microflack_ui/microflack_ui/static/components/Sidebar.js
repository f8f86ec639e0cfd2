// The lists of rooms and people, and one's own account. On a narrow screen it opens over
// the conversation.

import { useCallback, useLayoutEffect, useMemo, useRef } from "preact/hooks";

import { html } from "../html.js";
import { shownRooms } from "../logic/blocked.js";
import { isInputMethods } from "../logic/keys.js";
import { Logo } from "./Logo.js";
import { Me } from "./Me.js";
import { PeopleList } from "./PeopleList.js";
import { RoomList } from "./RoomList.js";
import { useLayer } from "./useLayer.js";

export function Sidebar({ state, people, open, onClose, session }) {
  const { userId, rooms, place } = state;
  const { chat } = session;
  const { blocked } = state;
  const shown = useMemo(() => shownRooms(state), [rooms, state.people, blocked]);
  const close = useRef();
  useLayer(open, onClose);
  // Before the browser draws: what is inert then has lost the focus.
  useLayoutEffect(() => {
    if (!open) return undefined;
    const opener = document.activeElement;
    close.current.focus();
    return () => opener?.focus();
  }, [open]);

  const onKeyDown = (event) =>
    event.key === "Escape" && !isInputMethods(event) && open && onClose();
  const show = (name) => {
    onClose();
    chat.overlay.show(name);
  };
  const openDirect = useCallback(
    (id) => {
      onClose();
      chat.overlay.attempt(() => chat.rooms.openDirect([id]));
    },
    [chat],
  );

  return html`<aside
      id="people"
      class=${open ? "open" : ""}
      aria-label="People and your account"
      onKeyDown=${onKeyDown}
    >
      <div class="bar">
        <p class="brand"><${Logo} /> MicroFlack</p>
        <button ref=${close} class="quiet people-close" onClick=${onClose}>
          Close
        </button>
      </div>
      ${
        rooms.areThere &&
        html`<${RoomList}
          rooms=${shown}
          roomId=${place.roomId}
          chat=${chat}
          onChosen=${onClose}
        />`
      }
      <${PeopleList}
        people=${people}
        userId=${userId}
        onOpen=${rooms.areThere ? openDirect : null}
      />
      <${Me}
        people=${people}
        userId=${userId}
        onShow=${show}
        onSignOut=${session.signOut}
      />
    </aside>
    ${open && html`<div class="backdrop" onClick=${onClose}></div>`}`;
}
