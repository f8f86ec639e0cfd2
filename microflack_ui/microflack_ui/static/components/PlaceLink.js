// A link to a room, or to a message in it, that does not load the page again.

import { pathOf } from "../address.js";
import { html } from "../html.js";

export function PlaceLink({ place, go, children, ...rest }) {
  function onClick(event) {
    // Those that open a tab or a window.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    go(place);
  }
  return html`<a href=${pathOf(place)} onClick=${onClick} ...${rest}>${children}</a>`;
}
