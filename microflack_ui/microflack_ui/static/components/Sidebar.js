// The list of people, and one's own account. On a narrow screen it opens over the
// conversation.

import { useLayoutEffect, useMemo, useRef } from "preact/hooks";

import { html } from "../html.js";
import { isInputMethods } from "../logic/keys.js";
import { activeUsers, isAdmin, nicknameOf } from "../logic/people.js";
import { Avatar } from "./Avatar.js";
import { Logo } from "./Logo.js";
import { Person } from "./Person.js";
import { useLayer } from "./useLayer.js";

// More than anybody reads, and few enough to be drawn at every change.
const MAX_SHOWN = 200;

export function Sidebar({ people, userId, open, onClose, onShow, onSignOut }) {
  const close = useRef();
  useLayer(open, onClose);
  // Before the browser draws: what is inert then has lost the focus.
  useLayoutEffect(() => {
    if (!open) return undefined;
    const opener = document.activeElement;
    close.current.focus();
    return () => opener?.focus();
  }, [open]);

  const all = useMemo(() => activeUsers(people), [people]);
  const online = all.filter((user) => user.online).length;
  const onKeyDown = (event) =>
    event.key === "Escape" && !isInputMethods(event) && open && onClose();

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
      <h2 id="people-title">People <span class="count">${online} online</span></h2>
      <ul class="people" role="list" aria-labelledby="people-title" tabindex="0">
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
        <div class="me-actions">
          <button class="quiet" onClick=${() => onShow("account")}>Account</button>
          ${
            isAdmin(people, userId) &&
            html`<button class="quiet" onClick=${() => onShow("admin")}>Admin</button>`
          }
          <button class="quiet" onClick=${onSignOut}>Sign out</button>
        </div>
      </div>
    </aside>
    ${open && html`<div class="backdrop" onClick=${onClose}></div>`}`;
}
