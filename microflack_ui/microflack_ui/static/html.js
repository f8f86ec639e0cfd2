// The template tag of all components: htm's syntax, preact's elements.

import htm from "htm";
import { h } from "preact";

export const html = htm.bind(h);
