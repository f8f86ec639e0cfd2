// Reads new messages to who listens instead of looking. It is apart from the visible
// conversation, because history that loads there is no news.

import { useRef } from "preact/hooks";

import { html } from "../html.js";
import { newestId } from "../logic/conversation.js";
import { nicknameOf } from "../logic/people.js";

const KEPT = 5;

export function Announcer({ state }) {
  const { conversation, people, userId } = state;
  const start = useRef(null);
  if (start.current === null && conversation.loaded)
    start.current = newestId(conversation);

  const news = conversation.messages.filter(
    ({ id, user_id: author }) =>
      start.current !== null && id > start.current && author !== userId,
  );
  return html`<div
    class="visually-hidden"
    role="log"
    aria-live="polite"
    aria-label="News"
  >
    ${news
      .slice(-KEPT)
      .map(
        ({ id, user_id: author, source }) =>
          html`<p key=${id}>${nicknameOf(people, author)}: ${source}</p>`,
      )}
  </div>`;
}
