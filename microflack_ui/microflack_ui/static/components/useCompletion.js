// Offers nicknames while somebody writes "@" and the beginning of one.

import { useState } from "preact/hooks";

import { completed, isComplete, matching, queryAt } from "../logic/completion.js";
import { activeUsers } from "../logic/people.js";
import { EVERYONE } from "../logic/rooms.js";

const NOTHING = Object.freeze({ at: null, index: 0 });
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

const nicknameOf = ({ nickname }) => nickname;

// Returns { options, index, isOpen, choose(place), update(), take(), onKeyDown(event),
// attributes }.
// `take` and `onKeyDown` say whether they had something to do.
export function useCompletion({ state, chat, text, field }) {
  const [offer, setOffer] = useState(NOTHING);
  const { at, index } = offer;
  // Made anew each time: the members may come a moment later.
  const options = at ? matching(candidates(state), at.query, nicknameOf) : [];
  // Who has written all of it, and presses Enter, wants to send.
  const isOpen = options.length > 0 && !isComplete(options, at.query, nicknameOf);

  function update() {
    const { value, selectionStart } = field.current;
    const found = state.rooms.areThere ? queryAt(value, selectionStart) : null;
    setOffer(found ? { at: found, index: 0 } : NOTHING);
    if (found && state.members === null && state.place.roomId !== EVERYONE)
      chat.rooms.loadMembers().catch(() => {});
  }

  function choose(place) {
    const done = completed(text, at, options[place].nickname);
    chat.writing.setDraft(done.text);
    setOffer(NOTHING);
    // Once the text is there.
    requestAnimationFrame(() => {
      field.current?.focus();
      field.current?.setSelectionRange(done.caret, done.caret);
    });
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
    "aria-controls": isOpen ? "mentions" : undefined,
    "aria-activedescendant": isOpen ? `mention-${index}` : undefined,
    onBlur: () => setOffer(NOTHING),
  };
  return { options, index, isOpen, choose, update, take, onKeyDown, attributes };
}

// Who can be mentioned: the members, who are known a moment after they were asked for.
function candidates({ people, members, place, userId }) {
  const ids = new Set(members?.map((member) => member.user_id));
  const isThere = ({ id }) => place.roomId === EVERYONE || ids.has(id);
  return activeUsers(people).filter((user) => user.id !== userId && isThere(user));
}
