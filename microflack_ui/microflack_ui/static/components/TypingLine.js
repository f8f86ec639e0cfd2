// Who is writing. The line is there also while nobody is: nothing jumps.

import { html } from "../html.js";
import { isBlocked } from "../logic/blocked.js";
import { nicknameOf } from "../logic/people.js";

const MAX_NAMED = 3;

export function TypingLine({ state }) {
  const { typing, people } = state;
  const shown = typing.filter((id) => !isBlocked(state, id));
  const names = shown.map((id) => nicknameOf(people, id));
  return html`<p class="typing">${sentence(names)}</p>`;
}

function sentence(names) {
  if (!names.length) return "";
  if (names.length > MAX_NAMED) return "Several people are writing…";
  const last = names.at(-1);
  if (names.length === 1) return `${last} is writing…`;
  return `${names.slice(0, -1).join(", ")} and ${last} are writing…`;
}
