// Somebody in the list of an admin, with what can be done.

import { html } from "../html.js";

export function ManagedPerson({ user, isMe, onChange, onMakeLink, ...more }) {
  const { id, nickname, admin, deactivated, picture_url: picture } = user;
  const { onEndSessions, onRemovePicture } = more;
  const title = `person-${id}`;
  return html`<li class="row">
    <div class="row-text" id=${title}>
      <bdi>${nickname}</bdi>${isMe && " (you)"}
      ${admin && html` <span class="tag">admin</span>`}
      ${deactivated && html` <span class="tag">deactivated</span>`}
    </div>
    <div class="row-actions" role="group" aria-labelledby=${title}>
      ${changesOf(user).map(
        ({ name, fields, done }) =>
          html`<button
            class="quiet"
            key=${Object.keys(fields)[0]}
            onClick=${() => onChange(user, fields, done)}
          >
            ${name}
          </button>`,
      )}
      <button class="quiet" onClick=${() => onMakeLink(user)}>New password</button>
      <button class="quiet" onClick=${() => onEndSessions(user)}>End sessions</button>
      ${
        picture &&
        html`<button class="quiet" onClick=${() => onRemovePicture(user)}>
          Remove picture
        </button>`
      }
    </div>
  </li>`;
}

// Each with the name of its button, and what is said when it is done.
function changesOf({ nickname, admin, deactivated }) {
  return [
    {
      name: admin ? "No longer admin" : "Make admin",
      fields: { admin: !admin },
      done: `${nickname} is ${admin ? "no" : "an"} admin now.`,
    },
    {
      name: deactivated ? "Reinstate" : "Deactivate",
      fields: { deactivated: !deactivated },
      done: `${nickname} ${deactivated ? "can sign in again" : "cannot sign in any more"}.`,
    },
  ];
}
