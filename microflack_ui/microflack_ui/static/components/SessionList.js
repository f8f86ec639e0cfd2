// Where one is signed in; each session can be ended.

import { useEffect, useState } from "preact/hooks";

import { html } from "../html.js";
import { describeAgent } from "../logic/agent.js";
import { fullTime } from "../logic/timeline.js";
import { Outcome } from "./Outcome.js";
import { useTask } from "./useTask.js";

// What older tokens services answer: they know no sessions.
const UNKNOWN = [404, 405];

export function SessionList({ accounts }) {
  const [sessions, setSessions] = useState(null);
  const task = useTask();

  async function load() {
    try {
      setSessions(await accounts.sessions());
    } catch (error) {
      if (!UNKNOWN.includes(error.status)) throw error;
    }
  }

  const end = (session) =>
    task.run(async () => {
      await accounts.endSession(session.id);
      await load();
      return "The session is ended.";
    });

  useEffect(() => void task.run(load), []);

  return html`<section class="part" aria-labelledby="sessions-title">
    ${
      sessions &&
      html`<h3 id="sessions-title">Where you are signed in</h3>
        <ul class="rows">
          ${sessions.map(
            (one) => html`<${Row} key=${one.id} session=${one} onEnd=${end} />`,
          )}
        </ul>`
    }
    <${Outcome} task=${task} />
  </section>`;
}

function Row({ session, onEnd }) {
  const name = describeAgent(session.agent);
  return html`<li class="row">
    <div class="row-text">
      <strong>${name}</strong>${session.current && html` <em>(this one)</em>`}
      <p class="help">
        ${session.address} · last used ${fullTime(session.last_used_at)}
      </p>
    </div>
    ${
      !session.current &&
      html`<button class="quiet" onClick=${() => onEnd(session)}>
        End<span class="visually-hidden"> the session of ${name}</span>
      </button>`
    }
  </li>`;
}
