// The template tag of all components: makes preact's elements from htm's syntax.

import htm from "htm";
import { h } from "preact";

export const html = htm.bind(h);
