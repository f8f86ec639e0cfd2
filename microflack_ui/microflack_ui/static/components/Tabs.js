// Parts of a dialog, of which one is shown. The Tab key stops at the chosen one, arrows go
// to the others (WAI-ARIA Authoring Practices, tabs).

import { useRef, useState } from "preact/hooks";

import { html } from "../html.js";

const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

// `parts`: [{ id, name, content }]
export function Tabs({ label, parts }) {
  const [index, setIndex] = useState(0);
  const list = useRef();
  const go = (place) => {
    setIndex(place);
    list.current.children[place].focus();
  };
  function onKeyDown(event) {
    if (event.key in STEPS)
      go((index + STEPS[event.key] + parts.length) % parts.length);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(parts.length - 1);
    else return;
    event.preventDefault();
  }
  const { id: shown, content } = parts[index];
  return html`<div
      ref=${list}
      class="tabs"
      role="tablist"
      aria-label=${label}
      onKeyDown=${onKeyDown}
    >
      ${parts.map(
        ({ id, name }, place) =>
          html`<button
            key=${id}
            id=${`tab-${id}`}
            class="tab"
            role="tab"
            aria-selected=${place === index}
            aria-controls="tab-panel"
            tabindex=${place === index ? 0 : -1}
            onClick=${() => setIndex(place)}
          >
            ${name}
          </button>`,
      )}
    </div>
    <div key=${shown} id="tab-panel" role="tabpanel" aria-labelledby=${`tab-${shown}`}>
      ${content}
    </div>`;
}
