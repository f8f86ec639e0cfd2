// Whether this browser tells of messages while the page is closed. Shown only where that
// can be.

import { useEffect, useState } from "preact/hooks";

import { html } from "../html.js";
import { Outcome } from "./Outcome.js";
import { useTask } from "./useTask.js";

export function PushSettings({ webPush }) {
  const [settings, setSettings] = useState(null);
  const task = useTask();
  useEffect(() => {
    webPush.load().then(setSettings, () => {});
  }, [webPush]);
  if (!settings) return null;

  const { isOn, withText } = settings;
  const change = (fields) =>
    task.run(async () => {
      const wanted = { ...settings, ...fields };
      setSettings(wanted);
      try {
        await (wanted.isOn ? webPush.turnOn(wanted.withText) : webPush.turnOff());
      } catch (error) {
        setSettings(settings);
        throw error;
      }
    });

  return html`<fieldset class="part choices">
    <legend>When this page is closed</legend>
    <label class="choice">
      <input
        type="checkbox"
        checked=${isOn}
        onChange=${(event) => change({ isOn: event.target.checked })}
      />
      <span>Tell me of mentions and direct messages</span>
    </label>
    <label class="choice">
      <input
        type="checkbox"
        checked=${isOn && withText}
        disabled=${!isOn}
        onChange=${(event) => change({ withText: event.target.checked })}
      />
      <span>With the text: it is shown also while the screen is locked</span>
    </label>
    <${Outcome} task=${task} />
  </fieldset>`;
}
