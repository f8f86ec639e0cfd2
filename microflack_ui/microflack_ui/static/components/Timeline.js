// The conversation as it scrolls: it stays where the reader is, whatever comes in.

import { Component, createRef } from "preact";

import { html } from "../html.js";
import { newestId } from "../logic/conversation.js";
import { layOut } from "../logic/timeline.js";
import { Day } from "./Day.js";
import { HistoryEdge } from "./HistoryEdge.js";
import { NewMessages } from "./NewMessages.js";
import { Outgoing } from "./Outgoing.js";

// How near to an edge counts as being there, in pixels.
const AT_END = 40;
const NEAR_START = 800;

// The parts of the page's state that are drawn here.
const DRAWN = [
  "conversation",
  "people",
  "outbox",
  "history",
  "editing",
  "unreadFrom",
  "today",
  "userId",
];

export class Timeline extends Component {
  scroller = createRef();
  content = createRef();
  state = { atEnd: true, readTo: newestId(this.props.state.conversation), outgoing: 0 };

  // Whoever sends a message wants to see it.
  static getDerivedStateFromProps({ state }, { outgoing, atEnd }) {
    const { length } = state.outbox;
    return { outgoing: length, atEnd: atEnd || length > outgoing };
  }

  componentDidMount() {
    // The keyboard of a phone, a turned screen, a font that loads late.
    this.resized = new ResizeObserver(() => this.state.atEnd && this.scrollToEnd());
    this.resized.observe(this.scroller.current);
    this.resized.observe(this.content.current);
    this.scrollToEnd();
    this.fill();
  }

  // Not at each letter that somebody types: a long conversation takes its time to draw.
  shouldComponentUpdate(next, { atEnd, readTo }) {
    const { state } = this.props;
    const scrolled = atEnd !== this.state.atEnd || readTo !== this.state.readTo;
    return scrolled || DRAWN.some((part) => next.state[part] !== state[part]);
  }

  componentWillUnmount() {
    this.resized.disconnect();
  }

  // Remembers the first visible message and where it was: it shall be there afterwards.
  getSnapshotBeforeUpdate() {
    if (this.state.atEnd) return null;
    const top = this.scroller.current.getBoundingClientRect().top;
    const messages = this.content.current.querySelectorAll("[data-anchor]");
    const anchor = firstBelow(messages, top);
    return anchor && { anchor, was: anchor.getBoundingClientRect().top };
  }

  componentDidUpdate(_props, _state, held) {
    if (this.state.atEnd) {
      this.scrollToEnd();
      this.props.room.shorten();
    } else if (held?.anchor.isConnected) {
      const moved = held.anchor.getBoundingClientRect().top - held.was;
      if (moved) this.scroller.current.scrollTop += moved;
    }
    this.fill();
  }

  stayAtEnd = () => {
    const readTo = newestId(this.props.state.conversation);
    this.setState({ atEnd: true, readTo });
  };

  scrollToEnd() {
    const { current } = this.scroller;
    current.scrollTop = current.scrollHeight;
  }

  // Loads more history when the reader comes near its edge, or when it fits the screen.
  fill() {
    const { room, state } = this.props;
    if (state.history !== "idle" || !state.conversation.loaded) return;
    if (this.scroller.current.scrollTop < NEAR_START) room.loadHistory();
  }

  onScroll = () => {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller.current;
    const atEnd = scrollHeight - scrollTop - clientHeight < AT_END;
    if (atEnd !== this.state.atEnd) {
      this.setState({ atEnd, readTo: newestId(this.props.state.conversation) });
    }
    this.fill();
  };

  unseen() {
    const { conversation, userId } = this.props.state;
    const { readTo } = this.state;
    const isNew = (message) => message.id > readTo && message.user_id !== userId;
    return conversation.messages.filter(isNew).length;
  }

  render({ state, room }, { atEnd }) {
    const { conversation, outbox } = state;
    return html`<div class="timeline">
      <div
        class="scroller"
        ref=${this.scroller}
        onScroll=${this.onScroll}
        tabindex="0"
        role="region"
        aria-label="Conversation"
      >
        <div class="content" ref=${this.content}>
          <${HistoryEdge}
            history=${state.history}
            conversation=${conversation}
            hasOutgoing=${outbox.length > 0}
            onRetry=${room.loadHistory}
          />
          ${layOut(conversation.messages, state.unreadFrom).map(
            (day) =>
              html`<${Day} key=${day.day} day=${day} state=${state} room=${room} />`,
          )}
          ${outbox.map(
            (item) => html`<${Outgoing} key=${item.key} item=${item} room=${room} />`,
          )}
        </div>
      </div>
      ${
        !atEnd &&
        html`<${NewMessages} count=${this.unseen()} onClick=${this.stayAtEnd} />`
      }
    </div>`;
  }
}

// Messages lie one below the other, so their positions can be searched by halves.
function firstBelow(elements, top) {
  let low = 0;
  let high = elements.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (elements[middle].getBoundingClientRect().bottom > top) high = middle;
    else low = middle + 1;
  }
  return elements[low] ?? null;
}
