// The nicknames, or emojis, that are offered while one is written.

import { html } from "../html.js";
import { Avatar } from "./Avatar.js";

export function CompletionList({ completion }) {
  const { isOpen, options, index, choose } = completion;
  if (!isOpen) return null;
  // A press, before the field has lost the focus.
  const onPress = (event, place) => {
    event.preventDefault();
    choose(place);
  };
  return html`<ul
    class="options completion-list"
    id="completions"
    role="listbox"
    aria-label=${options[0].emoji ? "Emojis" : "People"}
  >
    ${options.map(
      (option, place) =>
        html`<li
          key=${option.id ?? option.emoji}
          id=${`completion-${place}`}
          class="option"
          role="option"
          aria-selected=${place === index}
          onPointerDown=${(event) => onPress(event, place)}
        >
          ${option.emoji ? html`<${Emoji} ...${option} />` : html`<${User} user=${option} />`}
        </li>`,
    )}
  </ul>`;
}

function User({ user: { id, nickname, picture_url: picture } }) {
  return html`<${Avatar} userId=${id} nickname=${nickname} picture=${picture} />
    <bdi>${nickname}</bdi>`;
}

function Emoji({ emoji, name }) {
  return html`<span class="offered-emoji">${emoji}</span><bdi>:${name}:</bdi>`;
}
