// A person's reactions to a message, as they are now.

import { find } from "../logic/conversation.js";

// Returns { mine, toggle(emoji) }. `onDone()` is called before the server is asked.
export function useReacting(chat, message, { conversation, userId }, onDone) {
  const { reactions = [] } = find(conversation, message.id) ?? message;
  const mine = reactions
    .filter(({ user_ids: ids }) => ids.includes(userId))
    .map(({ emoji }) => emoji);
  const toggle = (emoji) => {
    onDone();
    const isOn = !mine.includes(emoji);
    chat.overlay.attempt(() => chat.messages.react(message.id, emoji, isOn));
  };
  return { mine, toggle };
}
