// Draws a component again only when one of its properties has changed. In a long
// conversation this saves most of the work.

import { Component } from "preact";

export function memo(draw) {
  return class extends Component {
    shouldComponentUpdate(next) {
      return Object.keys(next).some((name) => !isSame(next[name], this.props[name]));
    }

    render(props) {
      return draw(props);
    }
  };
}

// Two lists are the same when their items are.
function isSame(one, other) {
  if (one === other) return true;
  if (!Array.isArray(one) || one.length !== other?.length) return false;
  return one.every((item, index) => item === other[index]);
}
