// Changes one's own password. All other sessions end with that.

import { useRef } from "preact/hooks";

import { html } from "../html.js";
import { NewPassword } from "./NewPassword.js";
import { Outcome } from "./Outcome.js";
import { useTask } from "./useTask.js";

export function PasswordForm({ nickname, onChange }) {
  const form = useRef();
  const current = useRef();
  const password = useRef();
  const task = useTask();

  async function submit(event) {
    event.preventDefault();
    const isDone = await task.run(async () => {
      await onChange(current.current.value, password.current.value);
      return "Your password is changed. Your other sessions are ended.";
    });
    if (isDone) form.current.reset();
    else current.current.focus();
  }

  return html`<form class="part" ref=${form} onSubmit=${submit}>
    <h3>Password</h3>
    <input type="hidden" autocomplete="username" value=${nickname} />
    <label for="current-password">Current password</label>
    <input
      id="current-password"
      ref=${current}
      type="password"
      autocomplete="current-password"
      required
    />
    <${NewPassword} id="new-password" inputRef=${password} nickname=${nickname} />
    <${Outcome} task=${task} />
    <button class="primary" disabled=${task.busy}>Change password</button>
  </form>`;
}
