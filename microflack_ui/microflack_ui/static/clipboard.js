// Copies a text. Browsers have the clipboard only over https and on localhost; elsewhere
// they copy what is selected.

const COPIED = "Copied";
const NOT_COPIED = "Not copied: select it, and copy it yourself";

// Resolves to what to say of it.
export async function copy(text) {
  try {
    if (!navigator.clipboard) return copySelected(text) ? COPIED : NOT_COPIED;
    await navigator.clipboard.writeText(text);
    return COPIED;
  } catch {
    return NOT_COPIED;
  }
}

// Beside what has the focus: in a dialog, where one is open.
function copySelected(text) {
  const { activeElement: focused } = document;
  const field = document.createElement("textarea");
  field.className = "visually-hidden";
  field.value = text;
  focused.after(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  focused.focus();
  return done;
}
