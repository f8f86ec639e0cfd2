// How a task went: why it failed, or what was done.

import { html } from "../html.js";

export function Outcome({ task }) {
  return html`<p class="problem" role="alert">${task.problem}</p>
    <p class="done" role="status">${task.done}</p>`;
}
