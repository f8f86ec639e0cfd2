// Chooses one's own picture, or removes it.

import { useRef } from "preact/hooks";

import { html } from "../html.js";
import { smallPicture } from "../small_picture.js";
import { Avatar } from "./Avatar.js";
import { Outcome } from "./Outcome.js";
import { useTask } from "./useTask.js";

export function PictureForm({ user, accounts, onChanged }) {
  const field = useRef();
  const task = useTask();
  const { id, nickname, picture_url: picture } = user;
  const change = (action, done) =>
    task.run(async () => {
      await action();
      onChanged();
      return done;
    });
  const choose = ({ target }) => {
    const [file] = target.files;
    // So that the same file can be chosen again.
    target.value = "";
    const send = async () => accounts.setPicture(id, await smallPicture(file));
    if (file) change(send, "This is your picture now.");
  };
  const remove = () => change(() => accounts.removePicture(id), "It is removed.");

  return html`<section class="part" aria-labelledby="picture-title">
    <h3 id="picture-title">Picture</h3>
    <div class="row">
      <${Avatar} userId=${id} nickname=${nickname} picture=${picture} />
      <div class="row-actions">
        <button
          class="quiet"
          disabled=${task.busy}
          onClick=${() => field.current.click()}
        >
          Choose a picture
        </button>
        ${
          picture &&
          html`<button class="quiet" disabled=${task.busy} onClick=${remove}>
            Remove it
          </button>`
        }
      </div>
    </div>
    <input
      ref=${field}
      type="file"
      accept="image/*"
      hidden
      aria-label="Your picture"
      onChange=${choose}
    />
    <${Outcome} task=${task} />
  </section>`;
}
