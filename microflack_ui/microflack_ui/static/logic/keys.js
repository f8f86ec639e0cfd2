// What a key that was pressed is meant for.

// What a key has as keyCode while an input method has it.
const OF_INPUT_METHOD = 229;

// True while a Chinese or Japanese word is being composed: Enter takes it then, Escape
// drops it. Safari ends the composition before it tells of the key that ended it, and
// has only the old property that says so.
export function isInputMethods(event) {
  return event.isComposing || event.keyCode === OF_INPUT_METHOD;
}
