// One's own account: nickname, picture, password, whom one has blocked, and where one is
// signed in.

import { html } from "../html.js";
import { nicknameOf, withPicture } from "../logic/people.js";
import { AlertSettings } from "./AlertSettings.js";
import { BlockedList } from "./BlockedList.js";
import { Dialog } from "./Dialog.js";
import { NicknameForm } from "./NicknameForm.js";
import { PasswordForm } from "./PasswordForm.js";
import { PictureForm } from "./PictureForm.js";
import { PushSettings } from "./PushSettings.js";
import { SessionList } from "./SessionList.js";

export function Account({ state, session, onClose }) {
  const nickname = nicknameOf(state.people, state.userId);
  const me = withPicture(state.people, state.userId);
  return html`<${Dialog} title="Your account" onClose=${onClose}>
    <${NicknameForm} nickname=${nickname} onRename=${session.rename} />
    ${
      me &&
      html`<${PictureForm}
        user=${me}
        accounts=${session.accounts}
        onChanged=${session.chat.tryNow}
      />`
    }
    <${PasswordForm} nickname=${nickname} onChange=${session.changePassword} />
    ${state.rooms.areThere && html`<${AlertSettings} />`}
    <${PushSettings} webPush=${session.chat.webPush} />
    ${
      state.blocked &&
      html`<${BlockedList} state=${state} blocks=${session.chat.blocks} />`
    }
    <${SessionList} accounts=${session.accounts} />
  <//>`;
}
