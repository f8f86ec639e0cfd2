// Gives each block of code in a message that is drawn its language, a button that copies
// it, and, once it is in view, colours.

import { copy } from "../clipboard.js";
import { coloured } from "../code_colours.js";

const COPIED_MS = 3000;

// More would hold up who scrolls: it takes some 5 ms for 1,000 characters.
const MAX_COLOURED = 6000;

const whenIdle = globalThis.requestIdleCallback ?? setTimeout;

const inView = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    inView.unobserve(target);
    letScroll(target.parentElement);
    if (languageOf(target)) whenIdle(() => colour(target));
  }
});

export function dressCode(body) {
  for (const code of body.querySelectorAll("pre > code")) {
    const block = make("div", "code-block");
    code.parentElement.replaceWith(block);
    block.append(barOf(code), code.parentElement);
    inView.observe(code);
  }
}

function languageOf({ className }) {
  return /^language-(\S+)/.exec(className)?.[1] ?? "";
}

// By the keyboard, too.
function letScroll(box) {
  if (box.scrollWidth <= box.clientWidth) return;
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", "Code");
}

async function colour(code) {
  const text = code.textContent;
  if (text.length > MAX_COLOURED) return;
  const pieces = await coloured(text, languageOf(code));
  if (pieces && code.textContent === text) code.replaceChildren(pieces);
}

function barOf(code) {
  const bar = make("div", "code-bar");
  const button = make("button", "link", "Copy");
  button.type = "button";
  button.append(make("span", "visually-hidden", " the code"));
  const status = make("span", "help");
  status.setAttribute("role", "status");
  button.addEventListener("click", () => tellCopied(code, status));
  bar.append(make("span", "code-language", languageOf(code)), button, status);
  return bar;
}

async function tellCopied(code, status) {
  // A line end at the end would have a shell run it.
  status.textContent = await copy(code.textContent.replace(/\n$/, ""));
  setTimeout(() => (status.textContent = ""), COPIED_MS);
}

function make(name, className, text = "") {
  const element = document.createElement(name);
  element.className = className;
  element.textContent = text;
  return element;
}
