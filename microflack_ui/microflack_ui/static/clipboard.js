// Copies a text. Browsers have the clipboard only over https and on localhost; elsewhere
// they copy what is selected.

// Throws an Error when the browser does not let it.
export async function copy(text) {
  if (navigator.clipboard) await navigator.clipboard.writeText(text);
  else if (!copySelected(text)) throw new Error("The browser does not let it be copied.");
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
