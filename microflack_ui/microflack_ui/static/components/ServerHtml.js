// The one place where HTML enters the page: the HTML that the messages service rendered
// and sanitised. The page's Content-Security-Policy forbids HTML from anywhere else.

import { useLayoutEffect, useMemo, useRef } from "preact/hooks";

import { html } from "../html.js";
import { cut } from "../logic/text.js";
import { dressCode } from "./codeBlocks.js";
import { markMentions } from "./mentions.js";

const policy = globalThis.trustedTypes?.createPolicy("message-html", {
  createHTML: (text) => text,
});

const BLOCKS = "p, li, br, pre, blockquote, tr, td, th, h1, h2, h3, h4, h5, h6, div";

const MAX_EXCERPT = 140;

// What is read when it is read aloud. Nothing in it is run or loaded.
export function textOf(text) {
  const { body } = new DOMParser().parseFromString(trust(text), "text/html");
  for (const block of body.querySelectorAll(BLOCKS)) block.before(" ");
  return body.textContent.replace(/\s+/g, " ").trim();
}

function trust(text) {
  return policy ? policy.createHTML(text) : text;
}

// What is shown where a message is only pointed at.
export function excerptOf({ html: rendered, source, deleted, files }) {
  if (deleted) return "This message was deleted.";
  const text = rendered ? textOf(rendered) : source;
  return cut(text || (files ?? []).map(({ name }) => name).join(", "), MAX_EXCERPT);
}

// `mentioned`: nicknames, one a line.
export function ServerHtml({ html: text, mentioned = "" }) {
  const body = useRef();
  const trusted = useMemo(() => trust(text), [text]);

  // A link opens a tab of its own and does not take the reader out of the chat.
  useLayoutEffect(() => {
    for (const link of body.current.querySelectorAll("a[href]")) {
      link.target = "_blank";
      link.rel = "nofollow noopener noreferrer";
    }
    dressCode(body.current);
  }, [text]);
  useLayoutEffect(() => markMentions(body.current, mentioned), [text, mentioned]);

  return html`<div
    ref=${body}
    class="body"
    dir="auto"
    dangerouslySetInnerHTML=${{ __html: trusted }}
  ></div>`;
}
