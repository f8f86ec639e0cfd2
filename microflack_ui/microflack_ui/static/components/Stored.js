// How much is stored, in numbers. Each service counts its own; older ones do not.

import { useEffect, useState } from "preact/hooks";

import { html } from "../html.js";
import { sizeInWords } from "../logic/sizes.js";
import { Outcome } from "./Outcome.js";
import { useTask } from "./useTask.js";

const number = (count) => count.toLocaleString();

// By the name of a number: what it is called, and how it is told.
const LINES = {
  people: ["People", number],
  deactivated: ["of them deactivated", number],
  administrators: ["of them admins", number],
  pictures: ["Their pictures", number],
  picture_bytes: ["Size of the pictures", sizeInWords],
  rooms: ["Rooms", number],
  messages: ["Messages", number],
  files: ["Files", number],
  file_bytes: ["Size of the files", sizeInWords],
};

export function Stored({ accounts }) {
  const [numbers, setNumbers] = useState(null);
  const task = useTask();
  useEffect(() => void task.run(async () => setNumbers(await accounts.stored())), []);
  const known = Object.entries(LINES).filter(([name]) => name in (numbers ?? {}));
  return html`<section class="part" aria-labelledby="stored-title">
    <h3 id="stored-title">What is stored</h3>
    <dl class="numbers">
      ${known.map(
        ([name, [words, tell]]) =>
          html`<div key=${name}>
            <dt>${words}</dt>
            <dd>${tell(numbers[name])}</dd>
          </div>`,
      )}
    </dl>
    ${
      numbers &&
      !known.length &&
      html`<p class="help">Nothing is counted by these releases of the services.</p>`
    }
    <${Outcome} task=${task} />
  </section>`;
}
