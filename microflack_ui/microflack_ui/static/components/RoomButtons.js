// The buttons that put a room away or delete it. What cannot be taken back is asked twice.

import { useState } from "preact/hooks";

import { html } from "../html.js";

// What nobody may do here has no function.
export function RoomButtons({ archived, onArchive, onDelete }) {
  const [isSure, setIsSure] = useState(false);
  return html`${
      onArchive &&
      html`<button class="quiet" onClick=${onArchive}>
        ${archived ? "Bring it back" : "Archive it"}
      </button>`
    }
    ${
      onDelete &&
      html`<button
        class="quiet danger"
        onClick=${isSure ? onDelete : () => setIsSure(true)}
      >
        ${isSure ? "Yes, delete all of it for good" : "Delete it"}
      </button>`
    }`;
}
