// What is open over the chat.

import { html } from "../html.js";
import { Account } from "./Account.js";
import { Admin } from "./Admin.js";
import { DeleteMessage } from "./DeleteMessage.js";
import { EmojiPicker } from "./EmojiPicker.js";
import { GoToDay } from "./GoToDay.js";
import { MessageMenu } from "./MessageMenu.js";
import { NewRoom } from "./NewRoom.js";
import { ReactionPicker } from "./ReactionPicker.js";
import { RoomDetails } from "./RoomDetails.js";
import { Search } from "./Search.js";
import { Switcher } from "./Switcher.js";

const DIALOGS = {
  account: Account,
  admin: Admin,
  newRoom: NewRoom,
  room: RoomDetails,
  switcher: Switcher,
  search: Search,
  day: GoToDay,
  react: ReactionPicker,
  emoji: EmojiPicker,
  message: MessageMenu,
  deleteMessage: DeleteMessage,
};

export function DialogOf({ state, session }) {
  const { name, subject } = state.dialog;
  return html`<${DIALOGS[name]}
    key=${name}
    state=${state}
    session=${session}
    subject=${subject}
    onClose=${session.chat.overlay.close}
  />`;
}
