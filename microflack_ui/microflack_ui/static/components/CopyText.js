// A link to hand on, with a button that copies it.

import { useRef, useState } from "preact/hooks";

import * as clipboard from "../clipboard.js";
import { html } from "../html.js";

export function CopyText({ label, url }) {
  const field = useRef();
  const [outcome, setOutcome] = useState("");

  async function copy() {
    field.current.select();
    setOutcome(await clipboard.copy(field.current.value));
  }

  return html`<div class="copy">
    <input ref=${field} aria-label=${label} value=${here(url)} readonly />
    <button type="button" class="quiet" onClick=${copy}>Copy</button>
    <span class="help" role="status">${outcome}</span>
  </div>`;
}

// At the address at which this page was reached: others reach it there, too.
function here(url) {
  const { pathname, search, hash } = new URL(url, location.origin);
  return location.origin + pathname + search + hash;
}
