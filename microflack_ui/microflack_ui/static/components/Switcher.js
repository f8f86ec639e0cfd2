// Goes to a room or a person by the first letters of a name, with the keyboard alone.

import { useState } from "preact/hooks";

import { html } from "../html.js";
import { isInputMethods } from "../logic/keys.js";
import { destinations } from "../logic/destinations.js";
import { Dialog } from "./Dialog.js";
import { RoomSign } from "./RoomSign.js";
import { useTask } from "./useTask.js";

const STEPS = { ArrowDown: 1, ArrowUp: -1 };

export function Switcher({ state, session, onClose }) {
  const [text, setText] = useState("");
  const [index, setIndex] = useState(0);
  const task = useTask();
  const { visit, rooms } = session.chat;
  const found = destinations(state, text);

  const go = ({ room, user }) =>
    task.run(async () => {
      if (room) visit.go({ roomId: room.id });
      else await rooms.openDirect([user.id]);
      onClose();
    });
  function onKeyDown(event) {
    if (isInputMethods(event) || !found.length) return;
    if (event.key === "Enter") go(found[index]);
    else if (event.key in STEPS)
      setIndex((index + STEPS[event.key] + found.length) % found.length);
    else return;
    event.preventDefault();
  }
  function onInput(event) {
    setText(event.target.value);
    setIndex(0);
  }

  return html`<${Dialog} title="Go to a room or a person" onClose=${onClose}>
    <input
      class="switcher-field"
      role="combobox"
      aria-label="Room or person"
      aria-expanded=${found.length > 0}
      aria-controls="destinations"
      aria-activedescendant=${found.length ? `destination-${index}` : undefined}
      aria-autocomplete="list"
      autocomplete="off"
      autofocus
      dir="auto"
      value=${text}
      onInput=${onInput}
      onKeyDown=${onKeyDown}
    />
    <ul class="options" id="destinations" role="listbox" aria-label="Rooms and people">
      ${found.map(
        (one, place) =>
          html`<li
            key=${one.key}
            id=${`destination-${place}`}
            class="option"
            role="option"
            aria-selected=${place === index}
            onClick=${() => go(one)}
          >
            <${RoomSign} kind=${one.room?.kind ?? "direct"} />
            <bdi>${one.name}</bdi>
            ${one.note && html`<span class="help">${one.note}</span>`}
          </li>`,
      )}
    </ul>
    ${!found.length && html`<p class="help">Nothing here has this name.</p>`}
    <p class="problem" role="alert">${task.problem}</p>
  <//>`;
}
