// The list of people, and one's own account. On a narrow screen it opens over the
// conversation.

import { useEffect, useMemo, useRef } from "preact/hooks";

import { html } from "../html.js";
import { nicknameOf, sortedUsers } from "../logic/people.js";
import { Avatar } from "./Avatar.js";
import { Logo } from "./Logo.js";
import { Person } from "./Person.js";

// More than anybody reads, and few enough to be drawn at every change.
const MAX_SHOWN = 200;

export function Sidebar({ people, userId, open, onClose, onSignOut }) {
  const close = useRef();
  useEffect(() => {
    if (!open) return undefined;
    const opener = document.activeElement;
    close.current.focus();
    return () => opener?.focus();
  }, [open]);

  const all = useMemo(() => sortedUsers(people), [people]);
  const online = all.filter((user) => user.online).length;
  const onKeyDown = (event) => event.key === "Escape" && open && onClose();

  return html`<aside id="people" class=${open ? "open" : ""} onKeyDown=${onKeyDown}>
      <div class="bar">
        <p class="brand"><${Logo} /> MicroFlack</p>
        <button ref=${close} class="quiet people-close" onClick=${onClose}>
          Close
        </button>
      </div>
      <h2 id="people-title">People <span class="count">${online} online</span></h2>
      <ul class="people" aria-labelledby="people-title">
        ${all
          .slice(0, MAX_SHOWN)
          .map(
            (user) =>
              html`<${Person}
                key=${user.id}
                user=${user}
                isMe=${user.id === userId}
              />`,
          )}
        ${
          all.length > MAX_SHOWN &&
          html`<li class="more" key="more">and ${all.length - MAX_SHOWN} more</li>`
        }
      </ul>
      <div class="me">
        <${Avatar} userId=${userId} nickname=${nicknameOf(people, userId)} />
        <bdi class="me-name">${nicknameOf(people, userId)}</bdi>
        <button class="quiet" onClick=${onSignOut}>Sign out</button>
      </div>
    </aside>
    ${open && html`<div class="backdrop" onClick=${onClose}></div>`}`;
}
