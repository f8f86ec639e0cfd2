// The whole page: the chat for somebody who is signed in, else the form to sign in.

import { useEffect, useState } from "preact/hooks";

import { html } from "../html.js";
import { Chat } from "./Chat.js";
import { SignIn } from "./SignIn.js";

export function App({ store, session }) {
  const [state, setState] = useState(store.get());
  useEffect(() => {
    setState(store.get());
    return store.subscribe(setState);
  }, [store]);

  return session.chat
    ? html`<${Chat} key=${state.userId} state=${state} session=${session} />`
    : html`<${SignIn} note=${state.note} session=${session} />`;
}
