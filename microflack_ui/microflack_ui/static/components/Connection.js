// Whether what is shown is up to date, and if not, why.

import { html } from "../html.js";

const TEXTS = {
  connecting: "Connecting…",
  online: "Online",
  polling: "Online",
  offline: "You are offline",
  trouble: "Reconnecting…",
};

const SLOWER_UPDATES =
  "There are no live updates now. The page asks every other second what is new.";

export function Connection({ connection, trouble, onTryNow }) {
  return html`<div class="connection ${connection}">
    <span class="connection-dot"></span>
    <span role="status">
      ${TEXTS[connection]}${" "}
      ${trouble && html`<span class="connection-why">${trouble}</span>`}
    </span>
    ${
      connection === "polling" &&
      html`<span class="connection-how" title=${SLOWER_UPDATES}>slower updates</span>`
    }
    ${
      connection === "trouble" &&
      html`<button class="link" onClick=${onTryNow}>Try now</button>`
    }
  </div>`;
}
