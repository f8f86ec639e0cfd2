// Offers nicknames while somebody writes "@" and the beginning of one, and emojis after ":".

import { useState } from "preact/hooks";

import { completed, isComplete, matching, queryAt } from "../logic/completion.js";
import { emojiAt, named, withEmoji } from "../logic/emoji_names.js";
import { activeUsers } from "../logic/people.js";
import { EVERYONE } from "../logic/rooms.js";
import { placeCaret } from "./placeCaret.js";
import { useEmojiNames } from "./useEmojiNames.js";

const NOTHING = Object.freeze({ at: null, index: 0 });
const MAX_EMOJIS = 6;
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

const nicknameOf = ({ nickname }) => nickname;

// Returns { options, index, isOpen, choose(place), update(), take(), onKeyDown(event),
// attributes }.
// `take` and `onKeyDown` say whether they had something to do.
export function useCompletion({ state, chat, text, field }) {
  const [offer, setOffer] = useState(NOTHING);
  const { at, index } = offer;
  const emojis = useEmojiNames();
  // Made anew each time: the members, or the names, may come a moment later.
  const options = optionsFor(at, state, emojis.names);
  // Who has written all of a nickname, and presses Enter, wants to send.
  const isOpen =
    options.length > 0 && (at.isEmoji || !isComplete(options, at.query, nicknameOf));

  function update() {
    const { value, selectionStart } = field.current;
    const colon = emojiAt(value, selectionStart);
    const found = colon ?? (state.rooms.areThere ? queryAt(value, selectionStart) : null);
    const isOffered = found && !colon?.isWhole;
    setOffer(isOffered ? { at: found, index: 0 } : NOTHING);
    if (colon) emojis.ask().then((names) => colon.isWhole && replace(colon, names));
    else if (found && state.members === null && state.place.roomId !== EVERYONE)
      chat.rooms.loadMembers().catch(() => {});
  }

  // A whole name, such as ":smile:", if there is one and it is still there.
  function replace(colon, names) {
    const { value = "", selectionStart = 0 } = field.current ?? {};
    const now = emojiAt(value, selectionStart);
    const known = names.find(({ name }) => name === colon.query);
    if (known && now?.isWhole && now.query === colon.query)
      write(withEmoji(value, now, known.emoji));
  }

  function choose(place) {
    const { emoji, nickname } = options[place];
    write(at.isEmoji ? withEmoji(text, at, emoji) : completed(text, at, nickname));
    setOffer(NOTHING);
  }

  function write(done) {
    chat.writing.setDraft(done.text);
    placeCaret(field, done.caret);
  }

  function take() {
    if (isOpen) choose(index);
    return isOpen;
  }

  function onKeyDown(event) {
    if (!isOpen) return false;
    const { length } = options;
    if (event.key === "Tab" && !event.shiftKey) take();
    else if (event.key === "Escape") setOffer(NOTHING);
    else if (event.key in STEPS) {
      setOffer({ at, index: (index + STEPS[event.key] + length) % length });
    } else return false;
    event.preventDefault();
    return true;
  }

  const attributes = {
    "aria-autocomplete": "list",
    "aria-controls": isOpen ? "completions" : undefined,
    "aria-activedescendant": isOpen ? `completion-${index}` : undefined,
    onBlur: () => setOffer(NOTHING),
  };
  return { options, index, isOpen, choose, update, take, onKeyDown, attributes };
}

function optionsFor(at, state, names) {
  if (!at) return [];
  if (at.isEmoji) return named(names, at.query, MAX_EMOJIS);
  return matching(candidates(state), at.query, nicknameOf);
}

// Who can be mentioned: the members, who are known a moment after they were asked for.
function candidates({ people, members, place, userId }) {
  const ids = new Set(members?.map((member) => member.user_id));
  const isThere = ({ id }) => place.roomId === EVERYONE || ids.has(id);
  return activeUsers(people).filter((user) => user.id !== userId && isThere(user));
}
