// Chooses the people of a direct room.

import { html } from "../html.js";
import { activeUsers, nicknameOf } from "../logic/people.js";
import { AddMember } from "./AddMember.js";

// A direct room has so many people beside oneself.
export const MAX_OTHERS = 7;

// `chosen`: ids, in their order.
export function ChoosePeople({ state, chosen, onChange }) {
  const { people, userId } = state;
  const isFree = ({ id }) => id !== userId && !chosen.includes(id);
  return html`<ul class="rows" aria-label="People who are chosen">
      ${chosen.map(
        (id) =>
          html`<li class="row" key=${id}>
            <bdi class="row-text">${nicknameOf(people, id)}</bdi>
            <button
              type="button"
              class="quiet"
              onClick=${() => onChange(chosen.filter((one) => one !== id))}
            >
              Remove<span class="visually-hidden"> ${nicknameOf(people, id)}</span>
            </button>
          </li>`,
      )}
    </ul>
    ${
      chosen.length < MAX_OTHERS
        ? html`<${AddMember}
            users=${activeUsers(people).filter(isFree)}
            onAdd=${({ id }) => onChange([...chosen, id])}
          />`
        : html`<p class="help">More than ${MAX_OTHERS + 1} people, with you, need a room.</p>`
    }`;
}
