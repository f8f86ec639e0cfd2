// The files of a message: pictures are shown, all others are offered.

import { html } from "../html.js";
import { sizeInWords } from "../logic/sizes.js";
import { Picture } from "./Picture.js";

export function MessageFiles({ files, chat }) {
  const download = ({ url, name }) =>
    chat.overlay.attempt(() => chat.files.download(url, name));
  return html`<ul class="files" role="list" aria-label="Files">
    ${files.map(
      (file) =>
        html`<li class="file" key=${file.id}>
          ${
            file.thumbnail_url &&
            html`<${Picture}
              file=${file}
              files=${chat.files}
              onOpen=${() => download(file)}
            />`
          }
          <button class="link file-link" onClick=${() => download(file)}>
            <span class="visually-hidden">Save </span><bdi>${file.name}</bdi>
          </button>
          <span class="help">${sizeInWords(file.size)}</span>
        </li>`,
    )}
  </ul>`;
}
