// Finds messages by their words.

import { useRef, useState } from "preact/hooks";

import { html } from "../html.js";
import { roomOf } from "../logic/rooms.js";
import { Dialog } from "./Dialog.js";
import { SearchResult } from "./SearchResult.js";
import { useTask } from "./useTask.js";

export function Search({ state, session, onClose }) {
  const [words, setWords] = useState("");
  const [isHere, setIsHere] = useState(false);
  const [found, setFound] = useState(null);
  const [hasMore, setHasMore] = useState(false);
  const pages = useRef(null);
  const task = useTask();
  const { place, rooms } = state;

  // Nothing of an earlier question comes into the answer of a later one.
  async function load(before) {
    const asked = pages.current;
    const { value, done } = await asked.next();
    if (pages.current !== asked) return;
    setFound([...before, ...(value?.messages ?? [])]);
    setHasMore(!done && Boolean(value._links?.next));
  }
  function submit(event) {
    event.preventDefault();
    if (!words.trim()) return;
    const roomId = isHere ? place.roomId : null;
    pages.current = session.chat.messages.search(words.trim(), roomId);
    task.run(() => load([]));
  }
  const go = (where) => {
    session.chat.visit.go(where);
    onClose();
  };

  return html`<${Dialog} title="Search" onClose=${onClose}>
    <form class="search-form" role="search" onSubmit=${submit}>
      <input
        type="search"
        aria-label="Words to search for"
        autofocus
        dir="auto"
        value=${words}
        onInput=${(event) => setWords(event.target.value)}
      />
      <button class="primary" disabled=${!words.trim()}>Find</button>
      <label class="choice">
        <input
          type="checkbox"
          checked=${isHere}
          onChange=${(event) => setIsHere(event.target.checked)}
        />
        <span>Only in <bdi>${roomOf(rooms, place.roomId)?.name}</bdi></span>
      </label>
    </form>
    <p class="problem" role="alert">${task.problem}</p>
    <p class="help" role="status">${summary(found, hasMore, task.busy)}</p>
    <ol class="results" role="list" aria-label="Messages found">
      ${(found ?? []).map(
        (message) =>
          html`<${SearchResult}
            key=${message.id}
            message=${message}
            state=${state}
            go=${go}
          />`,
      )}
    </ol>
    ${
      hasMore &&
      html`<button
        class="quiet"
        disabled=${task.busy}
        onClick=${() => task.run(() => load(found))}
      >
        Show older ones
      </button>`
    }
  <//>`;
}

function summary(found, hasMore, busy) {
  if (busy) return "Searching…";
  if (!found) return "";
  if (!found.length) return "No message has these words.";
  const count = found.length === 1 ? "1 message" : `${found.length} messages`;
  return hasMore ? `The newest ${count}` : count;
}
