// Whom one has blocked; each can be let in again.

import { html } from "../html.js";
import { nicknameOf } from "../logic/people.js";
import { Outcome } from "./Outcome.js";
import { useTask } from "./useTask.js";

export function BlockedList({ state, blocks }) {
  const { blocked, people } = state;
  const task = useTask();
  const unblock = (id) =>
    task.run(async () => {
      await blocks.unblock(id);
      return `${nicknameOf(people, id)} is blocked no more.`;
    });
  return html`<section class="part" aria-labelledby="blocked-title">
    <h3 id="blocked-title">People you blocked</h3>
    ${
      !blocked.size &&
      html`<p class="help">Nobody. You block somebody in the menu of a message.</p>`
    }
    <ul class="rows">
      ${[...blocked].map(
        (id) =>
          html`<li class="row" key=${id}>
            <div class="row-text"><bdi>${nicknameOf(people, id)}</bdi></div>
            <button
              class="quiet"
              disabled=${task.busy}
              onClick=${() => unblock(id)}
            >
              Unblock<span class="visually-hidden"> ${nicknameOf(people, id)}</span>
            </button>
          </li>`,
      )}
    </ul>
    <${Outcome} task=${task} />
  </section>`;
}
