// Has new messages read aloud by a screen reader. It is apart from the visible
// conversation, because older messages that are loaded there are not new.

import { useRef } from "preact/hooks";

import { html } from "../html.js";
import { isBlocked } from "../logic/blocked.js";
import { newestId } from "../logic/conversation.js";
import { nicknameOf } from "../logic/people.js";
import { textOf } from "./ServerHtml.js";

const MAX_ANNOUNCED = 5;

export function Announcer({ state }) {
  const { conversation, people, userId } = state;
  const lastOldId = useRef(null);
  if (lastOldId.current === null && conversation.loaded)
    lastOldId.current = newestId(conversation);

  const isNews = ({ id, user_id: author, deleted }) =>
    id > lastOldId.current &&
    author !== userId &&
    !deleted &&
    !isBlocked(state, author);
  // What a part of the history goes on with is not new.
  const hasNews = lastOldId.current !== null && !conversation.isPart;
  const messages = hasNews ? conversation.messages.filter(isNews) : [];
  return html`<div
    class="visually-hidden"
    role="log"
    aria-live="polite"
    aria-label="News"
  >
    ${messages
      .slice(-MAX_ANNOUNCED)
      .map(
        ({ id, user_id: author, html: rendered, source }) =>
          html`<p key=${id}>
            ${nicknameOf(people, author)}: ${rendered ? textOf(rendered) : source}
          </p>`,
      )}
  </div>`;
}
