// A message that was found. It leads to where it was said.

import { html } from "../html.js";
import { isBlocked } from "../logic/blocked.js";
import { nicknameOf } from "../logic/people.js";
import { roomOf } from "../logic/rooms.js";
import { shortTime } from "../logic/timeline.js";
import { PlaceLink } from "./PlaceLink.js";
import { excerptOf } from "./ServerHtml.js";

const HIDDEN = "Message of somebody you blocked";

export function SearchResult({ message, state, go }) {
  const { id, room_id: roomId, user_id: author, created_at: createdAt } = message;
  const { people, rooms, today } = state;
  return html`<li class="result">
    <${PlaceLink} place=${{ roomId, messageId: id }} go=${go}>
      <span class="result-line">
        <bdi class="author">${nicknameOf(people, author)}</bdi>${" "}
        <span class="help">
          <bdi>${roomOf(rooms, roomId)?.name}</bdi> · ${shortTime(createdAt, today)}
        </span>
      </span>
      <bdi class="result-text">
        ${isBlocked(state, author) ? HIDDEN : excerptOf(message)}
      </bdi>
    <//>
  </li>`;
}
