// Goes on writing in a field, once the text that was put into it is drawn.

export function placeCaret(field, caret) {
  requestAnimationFrame(() => {
    field.current?.focus();
    field.current?.setSelectionRange(caret, caret);
  });
}
