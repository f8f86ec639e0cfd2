// What opens over the chat until it is closed: by its button, Escape, Back, or a click
// beside it.

import { useEffect, useRef } from "preact/hooks";

import { html } from "../html.js";
import { useLayer } from "./useLayer.js";

export function Dialog({ title, onClose, children }) {
  const dialog = useRef();
  useLayer(true, onClose);
  useEffect(() => {
    const { current } = dialog;
    const opener = document.activeElement;
    current.showModal();
    return () => {
      current.close();
      opener?.focus();
    };
  }, []);

  // Escape, which browsers handle themselves.
  const onCancel = (event) => {
    event.preventDefault();
    onClose();
  };
  const onClick = (event) => event.target === dialog.current && onClose();

  return html`<dialog
    ref=${dialog}
    aria-labelledby="dialog-title"
    onCancel=${onCancel}
    onClick=${onClick}
  >
    <div class="dialog-inner">
      <div class="dialog-bar">
        <h2 id="dialog-title">${title}</h2>
        <button class="quiet" onClick=${onClose}>Close</button>
      </div>
      ${children}
    </div>
  </dialog>`;
}
