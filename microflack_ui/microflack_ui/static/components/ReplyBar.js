// Which message is answered by what is written now.

import { html } from "../html.js";
import { find } from "../logic/conversation.js";
import { nicknameOf } from "../logic/people.js";
import { excerptOf } from "./ServerHtml.js";

export function ReplyBar({ state, onCancel }) {
  const { replyTo, conversation, quoted, people } = state;
  if (!replyTo) return null;
  const message = find(conversation, replyTo) ?? quoted.get(replyTo);
  return html`<p class="reply-bar">
    <span class="reply-text">
      Answering <bdi>${message ? nicknameOf(people, message.user_id) : "…"}</bdi>:${" "}
      <bdi>${message && excerptOf(message)}</bdi>
    </span>
    <button type="button" class="quiet" onClick=${onCancel}>
      Cancel<span class="visually-hidden"> the answer</span>
    </button>
  </p>`;
}
