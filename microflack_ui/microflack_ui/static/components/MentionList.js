// The nicknames that are offered while one is written.

import { html } from "../html.js";
import { Avatar } from "./Avatar.js";

export function MentionList({ completion }) {
  const { isOpen, options, index, choose } = completion;
  if (!isOpen) return null;
  // A press, before the field has lost the focus.
  const onPress = (event, place) => {
    event.preventDefault();
    choose(place);
  };
  return html`<ul class="options mention-list" id="mentions" role="listbox" aria-label="People">
    ${options.map(
      (user, place) =>
        html`<li
          key=${user.id}
          id=${`mention-${place}`}
          class="option"
          role="option"
          aria-selected=${place === index}
          onPointerDown=${(event) => onPress(event, place)}
        >
          <${Avatar} userId=${user.id} nickname=${user.nickname} />
          <bdi>${user.nickname}</bdi>
        </li>`,
    )}
  </ul>`;
}
