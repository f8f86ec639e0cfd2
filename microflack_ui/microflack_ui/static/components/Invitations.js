// Links with which somebody new can create an account.

import { useEffect, useState } from "preact/hooks";

import { html } from "../html.js";
import { fullTime } from "../logic/timeline.js";
import { CopyText } from "./CopyText.js";
import { Outcome } from "./Outcome.js";
import { useTask } from "./useTask.js";

export function Invitations({ accounts }) {
  const [invitations, setInvitations] = useState([]);
  const task = useTask();

  const load = async () => setInvitations(await accounts.invitations());
  const invite = () =>
    task.run(async () => {
      await accounts.invite();
      await load();
    });
  const withdraw = (code) =>
    task.run(async () => {
      await accounts.withdraw(code);
      await load();
      return "The invitation is withdrawn.";
    });

  useEffect(() => void task.run(load), []);

  return html`<section class="part" aria-labelledby="invitations-title">
    <h3 id="invitations-title">Invitations</h3>
    <ul class="rows">
      ${invitations.map(
        (one) =>
          html`<${Row}
            key=${one.code}
            invitation=${one}
            onWithdraw=${() => withdraw(one.code)}
          />`,
      )}
    </ul>
    <${Outcome} task=${task} />
    <button class="primary" disabled=${task.busy} onClick=${invite}>
      Invite somebody
    </button>
  </section>`;
}

function Row({ invitation, onWithdraw }) {
  const { url, expires_at: expiresAt, uses_left: usesLeft } = invitation;
  const uses = usesLeft === 1 ? "for one person" : `for ${usesLeft} people`;
  return html`<li class="row">
    <${CopyText} label="Invitation" url=${url} />
    <button class="quiet" onClick=${onWithdraw}>Withdraw</button>
    <p class="help">Good ${uses} until ${fullTime(expiresAt)}</p>
  </li>`;
}
