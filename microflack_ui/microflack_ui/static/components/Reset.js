// The form for somebody who was given a link to set a new password.

import { useRef } from "preact/hooks";

import { html } from "../html.js";
import { resetPassword } from "../transport/sign_in.js";
import { Logo } from "./Logo.js";
import { NewPassword } from "./NewPassword.js";
import { Outcome } from "./Outcome.js";
import { useTask } from "./useTask.js";

export function Reset({ code, onDone, onLeave }) {
  const password = useRef();
  const task = useTask();

  async function submit(event) {
    event.preventDefault();
    const set = () => resetPassword(code, password.current.value).then(() => "");
    if (await task.run(set)) onDone();
  }

  return html`<main class="sign-in">
    <form class="card" onSubmit=${submit} aria-labelledby="reset-title">
      <p class="brand"><${Logo} /> MicroFlack</p>
      <h1 id="reset-title">Choose a new password</h1>
      <${NewPassword} id="password" inputRef=${password} />
      <${Outcome} task=${task} />
      <button class="primary" disabled=${task.busy}>Set the password</button>
      <p class="aside">
        <button type="button" class="link" onClick=${onLeave}>Sign in instead</button>
      </p>
    </form>
  </main>`;
}
