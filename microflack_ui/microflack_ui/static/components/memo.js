// Components that are drawn again only when something they are given has changed: in a
// long conversation that is most of the work saved.

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

// Lists are the same when what is in them is.
function isSame(one, other) {
  if (one === other) return true;
  if (!Array.isArray(one) || one.length !== other?.length) return false;
  return one.every((item, place) => item === other[place]);
}
