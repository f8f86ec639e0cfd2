// Somebody's picture, or else a coloured square with the first character of the nickname.

import { html } from "../html.js";
import { firstCharacter } from "../logic/text.js";
import { useFace } from "./useFace.js";

// As many as the style sheet has.
const COLOURS = 8;

// `picture`: a user's `picture_url`, if there is one.
export function Avatar({ userId, nickname, picture }) {
  const face = useFace(picture);
  const letter = firstCharacter(nickname).toLocaleUpperCase();
  return html`<span
    ref=${face.place}
    class="avatar colour-${userId % COLOURS}"
    aria-hidden="true"
  >
    ${
      face.address
        ? html`<img src=${face.address} alt="" onError=${face.onMissing} />`
        : letter
    }
  </span>`;
}
