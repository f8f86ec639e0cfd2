// One day of the conversation under its date.

import { html } from "../html.js";
import { dayLabel } from "../logic/timeline.js";
import { nicknameOf } from "../logic/people.js";
import { Group } from "./Group.js";

export function Day({ day, state, chat }) {
  const { people, userId, editingId, today, firstUnreadId } = state;
  return html`<section class="day" aria-labelledby="day-${day.day}">
    <h2 class="day-label" id="day-${day.day}">
      <time datetime=${day.day}>${dayLabel(day.day, today)}</time>
    </h2>
    ${day.groups.map(
      (group) =>
        html`<${Group}
          key=${group.key}
          messages=${group.messages}
          nickname=${nicknameOf(people, group.userId)}
          isMine=${group.userId === userId}
          isFirstUnread=${group.key === firstUnreadId}
          editingId=${editingId}
          chat=${chat}
        />`,
    )}
  </section>`;
}
