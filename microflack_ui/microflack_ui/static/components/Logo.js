// The picture beside the name.

import { html } from "../html.js";

export function Logo() {
  return html`<svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
    <rect class="logo-ground" width="32" height="32" rx="9" />
    <path
      class="logo-sign"
      d="M8 9.5h16v11h-9l-4.5 4v-4H8zM12 13.5h8M12 16.5h5"
    />
  </svg>`;
}
