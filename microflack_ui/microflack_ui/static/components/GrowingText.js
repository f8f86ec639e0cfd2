// A text field that grows with its text, as far as the style sheet lets it.

import { useLayoutEffect } from "preact/hooks";

import { html } from "../html.js";
import { isInputMethods } from "../logic/keys.js";

export function GrowingText({ fieldRef, value, onEnter, onKeyDown, ...rest }) {
  useLayoutEffect(() => {
    const { current: field } = fieldRef;
    field.style.height = "auto";
    const borders = field.offsetHeight - field.clientHeight;
    field.style.height = `${field.scrollHeight + borders}px`;
  }, [value]);

  function keyDown(event) {
    if (isInputMethods(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
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
