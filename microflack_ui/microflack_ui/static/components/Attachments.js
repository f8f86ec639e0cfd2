// The files that will go with the message, and how far their upload is.

import { html } from "../html.js";

export function Attachments({ files, onRemove }) {
  if (!files.length) return null;
  return html`<ul class="attachments" role="list" aria-label="Attached files">
    ${files.map(
      ({ key, name, progress, id, problem }) =>
        html`<li class="attachment ${problem && "failed"}" key=${key}>
          <bdi class="attachment-name">${name}</bdi>
          ${
            problem
              ? html`<span class="problem" role="alert">Not attached. ${problem}</span>`
              : !id &&
                html`<progress value=${progress} aria-label=${`Upload of ${name}`} />`
          }
          <button type="button" class="quiet" onClick=${() => onRemove(key)}>
            Remove<span class="visually-hidden"> ${name}</span>
          </button>
        </li>`,
    )}
  </ul>`;
}
