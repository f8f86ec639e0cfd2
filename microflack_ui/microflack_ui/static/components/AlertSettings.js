// How somebody is told of news while they look elsewhere. Kept in this browser.

import { useState } from "preact/hooks";

import { html } from "../html.js";
import { chime } from "../sound.js";
import * as storage from "../storage.js";

export function AlertSettings() {
  const [settings, setSettings] = useState(storage.alerts.get());
  const [problem, setProblem] = useState("");
  const set = (fields) => {
    const changed = { ...settings, ...fields };
    storage.alerts.set(changed);
    setSettings(changed);
  };

  async function setDesktop(desktop) {
    setProblem("");
    const isAllowed = !desktop || (await isPermitted());
    if (!isAllowed) setProblem("This browser does not allow it for this page.");
    set({ desktop: desktop && isAllowed });
  }
  function setSound(sound) {
    set({ sound });
    if (sound) chime();
  }

  return html`<fieldset class="part choices">
    <legend>When something is new</legend>
    <label class="choice">
      <input
        type="checkbox"
        checked=${Boolean(settings.desktop)}
        onChange=${(event) => setDesktop(event.target.checked)}
      />
      <span>Show a notification while this page is out of sight</span>
    </label>
    <label class="choice">
      <input
        type="checkbox"
        checked=${Boolean(settings.sound)}
        onChange=${(event) => setSound(event.target.checked)}
      />
      <span>Play a sound</span>
    </label>
    <p class="problem" role="alert">${problem}</p>
  </fieldset>`;
}

// Browsers have notifications only over https and on localhost.
async function isPermitted() {
  if (!globalThis.Notification) return false;
  return (await Notification.requestPermission()) === "granted";
}
