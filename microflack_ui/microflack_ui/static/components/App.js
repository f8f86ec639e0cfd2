// The whole page: the chat for somebody who is signed in, else the form to sign in.

import { useEffect, useState } from "preact/hooks";

import { clearAddress, invitationIn, resetCodeIn } from "../address.js";
import { html } from "../html.js";
import { Chat } from "./Chat.js";
import { Reset } from "./Reset.js";
import { SignIn } from "./SignIn.js";
import { Faces } from "./useFace.js";

const IS_RESET = "Your new password is set. Sign in with it.";

export function App({ store, session }) {
  const [state, setState] = useState(store.get());
  const [resetCode, setResetCode] = useState(resetCodeIn(location));
  useEffect(() => {
    setState(store.get());
    return store.subscribe(setState);
  }, [store]);

  if (resetCode) {
    const leave = (note) => {
      clearAddress();
      setResetCode("");
      if (note) store.set({ note });
    };
    return html`<${Reset}
      code=${resetCode}
      onDone=${() => leave(IS_RESET)}
      onLeave=${() => leave("")}
    />`;
  }
  return session.chat
    ? html`<${Faces.Provider} value=${session.chat.faces}>
        <${Chat} key=${state.userId} state=${state} session=${session} />
      <//>`
    : html`<${SignIn}
        note=${state.note}
        session=${session}
        invitation=${invitationIn(location)}
      />`;
}
