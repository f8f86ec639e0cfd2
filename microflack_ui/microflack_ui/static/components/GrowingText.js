// A text field as high as its text, up to what the style sheet allows.

import { useLayoutEffect } from "preact/hooks";

import { html } from "../html.js";

export function GrowingText({ fieldRef, value, onEnter, onKeyDown, ...rest }) {
  useLayoutEffect(() => {
    const { current: field } = fieldRef;
    field.style.height = "auto";
    const borders = field.offsetHeight - field.clientHeight;
    field.style.height = `${field.scrollHeight + borders}px`;
  }, [value]);

  function keyDown(event) {
    // Enter also ends the composition of a Chinese or Japanese word: not a message.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      onEnter();
    } else onKeyDown(event);
  }

  return html`<textarea
    ref=${fieldRef}
    rows="1"
    dir="auto"
    value=${value}
    onKeyDown=${keyDown}
    ...${rest}
  ></textarea>`;
}
