// Messages of somebody who is blocked: a line in their place, until one asks for them.

import { useState } from "preact/hooks";

import { html } from "../html.js";
import { Group } from "./Group.js";

export function BlockedGroup(props) {
  const { messages, targetId } = props;
  const isTarget = messages.some(({ id }) => id === targetId);
  const [isShown, setIsShown] = useState(isTarget);
  if (isShown) return html`<${Group} ...${props} />`;
  const what = messages.length === 1 ? "Message" : `${messages.length} messages`;
  return html`<p class="blocked" data-anchor=${messages[0].id}>
    ${what} of somebody you blocked${" "}
    <button class="link" onClick=${() => setIsShown(true)}>Show</button>
  </p>`;
}
