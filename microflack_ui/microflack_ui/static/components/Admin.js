// What admins do: people, invitations, public rooms, and how much is stored.

import { html } from "../html.js";
import { Dialog } from "./Dialog.js";
import { Invitations } from "./Invitations.js";
import { ManagedPeople } from "./ManagedPeople.js";
import { ManagedRooms } from "./ManagedRooms.js";
import { Stored } from "./Stored.js";
import { Tabs } from "./Tabs.js";

export function Admin({ state, session, onClose }) {
  const { accounts, chat } = session;
  const people = html`<${ManagedPeople}
    people=${state.people}
    userId=${state.userId}
    accounts=${accounts}
    onChanged=${chat.tryNow}
  />`;
  const rooms = html`<${ManagedRooms} rooms=${state.rooms} actions=${chat.rooms} />`;
  const parts = [
    { id: "people", name: "People", content: people },
    {
      id: "invitations",
      name: "Invitations",
      content: html`<${Invitations} accounts=${accounts} />`,
    },
    state.rooms.areThere && { id: "rooms", name: "Rooms", content: rooms },
    {
      id: "stored",
      name: "Stored",
      content: html`<${Stored} accounts=${accounts} />`,
    },
  ];
  return html`<${Dialog} title="Administration" onClose=${onClose}>
    <${Tabs} label="What admins do" parts=${parts.filter(Boolean)} />
  <//>`;
}
