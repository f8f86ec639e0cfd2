// The list of people; each leads to the conversation with them.

import { useMemo } from "preact/hooks";

import { html } from "../html.js";
import { activeUsers } from "../logic/people.js";
import { Person } from "./Person.js";

// More than anybody reads, and few enough to be drawn at every change.
const MAX_SHOWN = 200;

// `onOpen` is null where there are no conversations with single people.
export function PeopleList({ people, userId, onOpen }) {
  const all = useMemo(() => activeUsers(people), [people]);
  const online = all.filter((user) => user.online).length;
  return html`<h2 id="people-title">
      People <span class="count">${online} online</span>
    </h2>
    <ul class="people" role="list" aria-labelledby="people-title" tabindex="0">
      ${all
        .slice(0, MAX_SHOWN)
        .map(
          (user) =>
            html`<${Person}
              key=${user.id}
              user=${user}
              isMe=${user.id === userId}
              onOpen=${onOpen}
            />`,
        )}
      ${
        all.length > MAX_SHOWN &&
        html`<li class="more" key="more">and ${all.length - MAX_SHOWN} more</li>`
      }
    </ul>`;
}
