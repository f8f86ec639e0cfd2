// The form to sign in or to create an account.

import { useEffect, useRef, useState } from "preact/hooks";

import { clearAddress } from "../address.js";
import { html } from "../html.js";
import { lengthOf } from "../logic/text.js";
import * as storage from "../storage.js";
import { isOpen } from "../transport/sign_in.js";
import { Counter } from "./Counter.js";
import { Logo } from "./Logo.js";
import { NewPassword } from "./NewPassword.js";
import { MAX_NICKNAME_LENGTH } from "./NicknameForm.js";
import { Outcome } from "./Outcome.js";
import { useTask } from "./useTask.js";

const SIGN_IN = {
  title: "Sign in",
  busy: "Signing in…",
  question: "New here?",
  other: "Create an account",
};
const REGISTER = {
  title: "Create an account",
  busy: "Creating your account…",
  question: "Already have an account?",
  other: "Sign in",
};

export function SignIn({ note, session, invitation }) {
  const [isNew, setIsNew] = useState(Boolean(invitation));
  const [mayRegister, setMayRegister] = useState(true);
  const [name, setName] = useState(storage.nickname.get());
  const task = useTask();
  const nickname = useRef();
  const password = useRef();
  useEffect(() => {
    const field = name ? password : nickname;
    field.current.focus();
    if (!invitation) isOpen().then(setMayRegister);
  }, []);
  const text = isNew ? REGISTER : SIGN_IN;

  async function submit(event) {
    event.preventDefault();
    if (task.busy) return;
    const isDone = await task.run(async () => {
      const given = [name.trim(), password.current.value];
      if (isNew) await session.register(...given, invitation);
      else await session.signIn(...given);
    });
    if (!isDone) password.current.focus();
    else if (invitation) clearAddress();
  }

  function change() {
    setIsNew(!isNew);
    task.clear();
    nickname.current.focus();
  }

  return html`<main class="sign-in">
    <form class="card" onSubmit=${submit} aria-labelledby="sign-in-title">
      <p class="brand"><${Logo} /> MicroFlack</p>
      <h1 id="sign-in-title">${text.title}</h1>
      ${note && html`<p class="note" role="status">${note}</p>`}
      <label for="nickname">Nickname</label>
      <input
        id="nickname"
        ref=${nickname}
        value=${name}
        dir="auto"
        autocomplete="username"
        autocapitalize="none"
        spellcheck=${false}
        onInput=${(event) => setName(event.target.value)}
        required
      />
      ${isNew && html`<${Counter} text=${name.trim()} max=${MAX_NICKNAME_LENGTH} />`}
      ${
        isNew
          ? html`<${NewPassword}
              key="new"
              id="password"
              label="Password"
              inputRef=${password}
              nickname=${name}
            />`
          : html`<${Password} key="known" inputRef=${password} />`
      }
      <${Outcome} task=${task} />
      <button
        class="primary"
        disabled=${task.busy || (isNew && lengthOf(name.trim()) > MAX_NICKNAME_LENGTH)}
      >
        ${task.busy ? text.busy : text.title}
      </button>
      <p class="aside">
        ${
          mayRegister
            ? html`${text.question}${" "}
                <button type="button" class="link" onClick=${change}>
                  ${text.other}
                </button>`
            : "New here? Ask somebody who is in for an invitation."
        }
      </p>
    </form>
  </main>`;
}

function Password({ inputRef }) {
  return html`<label for="password">Password</label>
    <input
      id="password"
      ref=${inputRef}
      type="password"
      autocomplete="current-password"
      required
    />`;
}
