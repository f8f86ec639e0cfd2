// The colours of code. The library is large, so it is loaded when there is code in view
// whose language is told.

// What the library tells of a piece of code, as elements: no HTML is made of it.
class Elements {
  root = document.createDocumentFragment();
  #place = this.root;

  addText(text) {
    this.#place.append(text);
  }

  // A scope is a name such as "title.function".
  openNode(scope) {
    const span = document.createElement("span");
    span.className = `code-${scope.split(".")[0]}`;
    this.#place.append(span);
    this.#place = span;
  }

  closeNode() {
    this.#place = this.#place.parentNode ?? this.root;
  }

  startScope = this.openNode;
  endScope = this.closeNode;

  // Code in another language within this one.
  __addSublanguage({ root }) {
    this.#place.append(root);
  }

  finalize() {}

  toHTML() {
    return "";
  }
}

// Resolves to a fragment with the text in coloured pieces, or to null where the language
// is not known or the library could not be loaded.
export async function coloured(text, language) {
  let library;
  try {
    library = (await import("highlight.js")).default;
  } catch {
    return null;
  }
  if (!library.getLanguage(language)) return null;
  library.configure({ __emitter: Elements });
  const { _emitter: elements, errorRaised } = library.highlight(text, { language });
  return errorRaised ? null : elements.root;
}
