// How much more fits into a field, when there is not much left.

import { html } from "../html.js";
import { lengthOf } from "../logic/text.js";

const SHOWN_FROM = 0.8;

export function Counter({ text, max }) {
  const length = lengthOf(text);
  const left = max - length;
  if (length < max * SHOWN_FROM) return null;
  return html`<p class="counter ${left < 0 ? "over" : ""}" role="status">
    ${left >= 0 ? `${counted(left)} left` : `${counted(-left)} too many`}
  </p>`;
}

function counted(count) {
  return count === 1 ? "1 character" : `${count} characters`;
}
