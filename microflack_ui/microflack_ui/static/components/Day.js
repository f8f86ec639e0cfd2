// One day of the conversation under its date.

import { html } from "../html.js";
import { isBlocked } from "../logic/blocked.js";
import { find } from "../logic/conversation.js";
import { nicknameOf, pictureOf } from "../logic/people.js";
import { mayWrite } from "../logic/rooms.js";
import { dayLabel, sinceLabel } from "../logic/timeline.js";
import { BlockedGroup } from "./BlockedGroup.js";
import { Group } from "./Group.js";

export function Day({ day, state, chat, firstUnread }) {
  const { people, userId, editingId, today, place } = state;
  const mayAct = mayWrite(state);
  return html`<section class="day" aria-labelledby="day-${day.day}">
    <h2 class="day-label" id="day-${day.day}">
      <time datetime=${day.day}>${dayLabel(day.day, today)}</time>
    </h2>
    ${day.groups.map(
      (group) =>
        html`<${isBlocked(state, group.userId) ? BlockedGroup : Group}
          key=${group.key}
          messages=${group.messages}
          nickname=${nicknameOf(people, group.userId)}
          picture=${pictureOf(people, group.userId)}
          userId=${userId}
          newSince=${
            group.key === firstUnread?.id
              ? sinceLabel(firstUnread.created_at, today)
              : ""
          }
          editingId=${editingId}
          targetId=${place.messageId}
          mayAct=${mayAct}
          quotes=${group.messages.map((message) => quoteOf(message, state))}
          names=${group.messages.map((message) => namesIn(message, state))}
          chat=${chat}
        />`,
    )}
  </section>`;
}

// The message that one answers; null where it is not to be shown, undefined before that is known.
function quoteOf({ reply_to: id }, state) {
  const { conversation, quoted } = state;
  const quote = id ? (find(conversation, id) ?? quoted.get(id)) : undefined;
  return quote && isBlocked(state, quote.user_id) ? null : quote;
}

// One a line: the author of what is answered, and those who are mentioned. They are texts,
// so that nothing is drawn again that has not changed.
function namesIn(message, state) {
  const quote = quoteOf(message, state);
  const ids = [quote?.user_id, ...(message.mentions ?? [])];
  return ids.map((id) => (id ? nicknameOf(state.people, id) : "")).join("\n");
}
