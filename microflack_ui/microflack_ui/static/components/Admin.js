// What admins do: people and invitations.

import { html } from "../html.js";
import { Dialog } from "./Dialog.js";
import { Invitations } from "./Invitations.js";
import { ManagedPeople } from "./ManagedPeople.js";

export function Admin({ state, session, onClose }) {
  return html`<${Dialog} title="People and invitations" onClose=${onClose}>
    <${Invitations} accounts=${session.accounts} />
    <${ManagedPeople}
      people=${state.people}
      userId=${state.userId}
      accounts=${session.accounts}
      onChanged=${session.chat.tryNow}
    />
  <//>`;
}
