// All people, with what an admin can do about each.

import { useMemo, useState } from "preact/hooks";

import { html } from "../html.js";
import { usersByName } from "../logic/people.js";
import { CopyText } from "./CopyText.js";
import { ManagedPerson } from "./ManagedPerson.js";
import { Outcome } from "./Outcome.js";
import { useTask } from "./useTask.js";

const MAX_SHOWN = 100;

export function ManagedPeople({ people, userId, accounts, onChanged }) {
  const [sought, setSought] = useState("");
  const [link, setLink] = useState("");
  const task = useTask();
  const all = useMemo(() => usersByName(people), [people]);
  const wanted = sought.trim().toLocaleLowerCase();
  const found = all.filter(({ nickname }) =>
    nickname.toLocaleLowerCase().includes(wanted),
  );

  const act = (action, done) =>
    task.run(async () => {
      setLink("");
      await action();
      onChanged();
      return done;
    });
  const change = (user, fields, done) =>
    act(() => accounts.change(user.id, fields), done);
  const endSessions = (user) =>
    act(() => accounts.endSessionsOf(user.id), `${user.nickname} is signed out.`);
  const removePicture = (user) =>
    act(() => accounts.removePicture(user.id), "The picture is removed.");
  const makeLink = (user) =>
    task.run(async () => {
      setLink("");
      setLink((await accounts.resetLink(user.id)).url);
      return `With this link ${user.nickname} sets a new password:`;
    });

  return html`<section class="part" aria-labelledby="managed-title">
    <h3 id="managed-title">People</h3>
    <label for="sought">Find somebody</label>
    <input
      id="sought"
      type="search"
      value=${sought}
      onInput=${(event) => setSought(event.target.value)}
    />
    <${Outcome} task=${task} />
    ${link && html`<${CopyText} label="Link for a new password" url=${link} />`}
    <ul class="rows">
      ${found
        .slice(0, MAX_SHOWN)
        .map(
          (user) =>
            html`<${ManagedPerson}
              key=${user.id}
              user=${user}
              isMe=${user.id === userId}
              onChange=${change}
              onMakeLink=${makeLink}
              onEndSessions=${endSessions}
              onRemovePicture=${removePicture}
            />`,
        )}
    </ul>
    ${
      found.length > MAX_SHOWN &&
      html`<p class="help">and ${found.length - MAX_SHOWN} more</p>`
    }
  </section>`;
}
