// What a person can do in the chat, by what it is about.

import { Blocks } from "../blocks.js";
import { Accounts } from "../transport/accounts.js";
import { MessageActions } from "./message_actions.js";
import { Overlay } from "./overlay.js";
import { RoomActions } from "./room_actions.js";
import { PushApi } from "../transport/push_api.js";
import { WebPush } from "../web_push.js";
import { Files } from "../transport/files.js";
import { Uploads } from "./uploads.js";
import { Visit } from "./visit.js";
import { Writing } from "./writing.js";

// `parts` are those of a chat session that the actions need. `handlers`: arrived() in
// another room, changed() when the server has changed something, tokenExpired().
export function actionsOf(parts, handlers) {
  const { api, roomsApi, store, reducer, roomList, sender, unsent, credentials } = parts;
  const { arrived, changed, tokenExpired } = handlers;
  const visited = { arrived, mustFetch: changed };
  const visit = new Visit({ api, store, reducer, handlers: visited });
  const { go, goToEnd } = visit;
  const { userId } = store.get();
  return {
    visit,
    writing: new Writing({ store, unsent, sender, handlers: { goToEnd } }),
    messages: new MessageActions({ api, store, handlers: { changed, tokenExpired } }),
    rooms: new RoomActions({ api: roomsApi, store, roomList, go }),
    uploads: new Uploads({ credentials, store }),
    files: new Files(credentials),
    // What there is at an address of people's pictures stays the same.
    faces: new Files(credentials, "default"),
    blocks: new Blocks({ accounts: new Accounts(credentials), store }),
    overlay: new Overlay({ store }),
    webPush: new WebPush({ api: new PushApi(credentials), userId, go }),
  };
}
