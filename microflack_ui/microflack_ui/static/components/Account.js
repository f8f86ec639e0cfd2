// One's own account: nickname, password, and where one is signed in.

import { html } from "../html.js";
import { nicknameOf } from "../logic/people.js";
import { AlertSettings } from "./AlertSettings.js";
import { Dialog } from "./Dialog.js";
import { NicknameForm } from "./NicknameForm.js";
import { PasswordForm } from "./PasswordForm.js";
import { SessionList } from "./SessionList.js";

export function Account({ state, session, onClose }) {
  const nickname = nicknameOf(state.people, state.userId);
  return html`<${Dialog} title="Your account" onClose=${onClose}>
    <${NicknameForm} nickname=${nickname} onRename=${session.rename} />
    <${PasswordForm} nickname=${nickname} onChange=${session.changePassword} />
    ${state.rooms.areThere && html`<${AlertSettings} />`}
    <${SessionList} accounts=${session.accounts} />
  <//>`;
}
