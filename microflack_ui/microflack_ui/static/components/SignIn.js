// The form to sign in or to create an account: the same two fields.

import { useEffect, useRef, useState } from "preact/hooks";

import { html } from "../html.js";
import * as storage from "../storage.js";
import { Logo } from "./Logo.js";

const SIGN_IN = {
  title: "Sign in",
  busy: "Signing in…",
  question: "New here?",
  other: "Create an account",
  autocomplete: "current-password",
};
const REGISTER = {
  title: "Create an account",
  busy: "Creating your account…",
  question: "Already have an account?",
  other: "Sign in",
  autocomplete: "new-password",
};

export function SignIn({ note, session }) {
  const [isNew, setIsNew] = useState(false);
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const nickname = useRef();
  const password = useRef();
  useEffect(() => {
    const field = storage.nickname.get() ? password : nickname;
    field.current.focus();
  }, []);
  const text = isNew ? REGISTER : SIGN_IN;

  async function submit(event) {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem("");
    const name = nickname.current.value.trim();
    try {
      if (isNew) await session.register(name, password.current.value);
      else await session.signIn(name, password.current.value);
    } catch (error) {
      setProblem(problemOf(error, isNew));
      setBusy(false);
      password.current.focus();
    }
  }

  function change() {
    setIsNew(!isNew);
    setProblem("");
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
        defaultValue=${storage.nickname.get()}
        autocomplete="username"
        autocapitalize="none"
        spellcheck=${false}
        required
      />
      <label for="password">Password</label>
      <input
        id="password"
        ref=${password}
        type="password"
        autocomplete=${text.autocomplete}
        required
      />
      <p class="problem" role="alert">${problem}</p>
      <button class="primary" disabled=${busy}>${busy ? text.busy : text.title}</button>
      <p class="aside">
        ${text.question}${" "}
        <button type="button" class="link" onClick=${change}>${text.other}</button>
      </p>
    </form>
  </main>`;
}

function problemOf(error, isNew) {
  if (error.status === 401 && !isNew) return "Nickname or password is not right.";
  return error.message;
}
