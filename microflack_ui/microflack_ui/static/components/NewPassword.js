// A field for a new password. It says how easily the password can be guessed.

import { useEffect, useState } from "preact/hooks";

import { html } from "../html.js";
import { strengthOf } from "../password_strength.js";

const WORDS = ["Very weak", "Weak", "Fair", "Good", "Strong"];

export function NewPassword({ id, label = "New password", inputRef, nickname }) {
  const [text, setText] = useState("");
  const [strength, setStrength] = useState(null);
  useEffect(() => {
    let isLate = false;
    if (!text) setStrength(null);
    else strengthOf(text, nickname).then((found) => isLate || setStrength(found));
    return () => (isLate = true);
  }, [text, nickname]);

  return html`<label for=${id}>${label}</label>
    <input
      id=${id}
      ref=${inputRef}
      type="password"
      autocomplete="new-password"
      minlength="8"
      maxlength="128"
      aria-describedby="${id}-strength"
      onInput=${(event) => setText(event.target.value)}
      required
    />
    ${
      strength &&
      html`<meter
        class="strength"
        min="0"
        max="5"
        low="3"
        high="4"
        optimum="5"
        value=${strength.score + 1}
        aria-hidden="true"
      ></meter>`
    }
    <p class="help" id="${id}-strength" role="status">
      ${
        strength
          ? `${WORDS[strength.score]}. ${strength.advice}`
          : "At least 8 characters."
      }
    </p>`;
}
