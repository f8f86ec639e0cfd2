// The entry: makes the state, resumes the session, draws.

import { render } from "preact";

import { emptyRoom } from "./chat_session.js";
import { App } from "./components/App.js";
import { html } from "./html.js";
import { createStore } from "./logic/store.js";
import { Session } from "./session.js";

const store = createStore({ ...emptyRoom, note: "" });
const session = new Session(store);

session.resume();
render(
  html`<${App} store=${store} session=${session} />`,
  document.getElementById("app"),
);
