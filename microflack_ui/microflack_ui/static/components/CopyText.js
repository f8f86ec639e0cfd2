// A link to hand on, with a button that copies it.

import { useRef, useState } from "preact/hooks";

import * as clipboard from "../clipboard.js";
import { html } from "../html.js";

export function CopyText({ label, url }) {
  const field = useRef();
  const [copied, setCopied] = useState(false);

  async function copy() {
    field.current.select();
    await clipboard.copy(field.current.value);
    setCopied(true);
  }

  return html`<div class="copy">
    <input ref=${field} aria-label=${label} value=${here(url)} readonly />
    <button type="button" class="quiet" onClick=${copy}>Copy</button>
    <span class="help" role="status">${copied && "Copied"}</span>
  </div>`;
}

// At the address at which this page was reached: others reach it there, too.
function here(url) {
  const { pathname, search, hash } = new URL(url, location.origin);
  return location.origin + pathname + search + hash;
}
