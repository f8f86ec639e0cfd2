// Who is in a room. Members of a private one add others, and its owner removes them.

import { useEffect } from "preact/hooks";

import { html } from "../html.js";
import { activeUsers, nicknameOf } from "../logic/people.js";
import { EVERYONE, isIn } from "../logic/rooms.js";
import { AddMember } from "./AddMember.js";
import { Outcome } from "./Outcome.js";
import { useTask } from "./useTask.js";

export function RoomMembers({ state, room, actions }) {
  const { members, people, userId } = state;
  const task = useTask();
  useEffect(() => void (room.id !== EVERYONE && task.run(actions.loadMembers)), []);
  if (room.id === EVERYONE)
    return html`<p class="part">Everybody who signs in here is in this room.</p>`;

  const ids = new Set(members?.map((member) => member.user_id));
  const mayAdd = room.kind === "private" && isIn(room) && !room.archived;
  const mayRemove = room.kind === "private" && room.role === "owner";
  const add = ({ id, nickname }) =>
    task.run(async () => {
      await actions.addMember(room.id, id);
      return `${nickname} is in.`;
    });
  const remove = (id) => task.run(() => actions.removeMember(room.id, id));

  return html`<section class="part" aria-labelledby="members-title">
    <h3 id="members-title">Who is in it</h3>
    <ul class="rows">
      ${(members ?? []).map(
        ({ user_id: id, role }) =>
          html`<li class="row" key=${id}>
            <div class="row-text">
              <bdi>${nicknameOf(people, id)}</bdi>${id === userId && " (you)"}
              ${role === "owner" && html` <span class="tag">owner</span>`}
            </div>
            ${
              mayRemove &&
              id !== userId &&
              html`<button class="quiet" onClick=${() => remove(id)}>
                Remove<span class="visually-hidden"> ${nicknameOf(people, id)}</span>
              </button>`
            }
          </li>`,
      )}
    </ul>
    <${Outcome} task=${task} />
    ${
      mayAdd &&
      members &&
      html`<${AddMember}
        users=${activeUsers(people).filter(({ id }) => !ids.has(id))}
        onAdd=${add}
      />`
    }
  </section>`;
}
