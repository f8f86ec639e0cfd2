// The entry: makes the state, resumes the session, draws.

import { render } from "preact";

import { App } from "./components/App.js";
import { html } from "./html.js";
import { createStore } from "./logic/store.js";
import { Session } from "./session.js";
import { initialState } from "./state.js";

const store = createStore(initialState);
const session = new Session(store);

session.resume().then(() => {
  render(
    html`<${App} store=${store} session=${session} />`,
    document.getElementById("app"),
  );
});
