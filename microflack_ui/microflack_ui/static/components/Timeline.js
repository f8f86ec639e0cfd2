// The conversation, which scrolls. What the reader sees stays in its place, whatever is
// added above or below.

import { Component, createRef } from "preact";

import { html } from "../html.js";
import { newestId } from "../logic/conversation.js";
import { groupByDay } from "../logic/timeline.js";
import { Day } from "./Day.js";
import { HistoryEdge } from "./HistoryEdge.js";
import { NewMessages } from "./NewMessages.js";
import { Outgoing } from "./Outgoing.js";

// At this distance from an edge the reader counts as being there.
const AT_END_PX = 40;
const NEAR_START_PX = 800;

// The fields of the page's state that are drawn here.
const DRAWN_FIELDS = [
  "conversation",
  "people",
  "outbox",
  "history",
  "editingId",
  "firstUnreadId",
  "today",
  "userId",
];

export class Timeline extends Component {
  scroller = createRef();
  content = createRef();
  state = {
    atEnd: true,
    lastSeenId: newestId(this.props.state.conversation),
    outboxLength: 0,
  };

  // Who sends a message wants to see it: goes to the end.
  static getDerivedStateFromProps({ state }, { atEnd, outboxLength }) {
    const { length } = state.outbox;
    return { atEnd: atEnd || length > outboxLength, outboxLength: length };
  }

  componentDidMount() {
    // A phone's keyboard may open, a screen may be turned, a font may load late.
    this.resizeObserver = new ResizeObserver(
      () => this.state.atEnd && this.scrollToEnd(),
    );
    this.resizeObserver.observe(this.scroller.current);
    this.resizeObserver.observe(this.content.current);
    this.scrollToEnd();
    this.loadHistoryIfNear();
  }

  // Not at each letter that somebody types: a long conversation is slow to draw.
  shouldComponentUpdate(next, { atEnd, lastSeenId }) {
    const { state } = this.props;
    const scrolled = atEnd !== this.state.atEnd || lastSeenId !== this.state.lastSeenId;
    return scrolled || DRAWN_FIELDS.some((field) => next.state[field] !== state[field]);
  }

  componentWillUnmount() {
    this.resizeObserver.disconnect();
  }

  // Remembers the first visible message and its place, to put it there again.
  getSnapshotBeforeUpdate() {
    if (this.state.atEnd) return null;
    const top = this.scroller.current.getBoundingClientRect().top;
    const messages = this.content.current.querySelectorAll("[data-anchor]");
    const anchor = firstBelow(messages, top);
    return anchor && { anchor, top: anchor.getBoundingClientRect().top };
  }

  componentDidUpdate(_props, _state, snapshot) {
    if (this.state.atEnd) {
      this.scrollToEnd();
      this.props.chat.trimHistory();
    } else if (snapshot?.anchor.isConnected) {
      const moved = snapshot.anchor.getBoundingClientRect().top - snapshot.top;
      if (moved) this.scroller.current.scrollTop += moved;
    }
    this.loadHistoryIfNear();
  }

  goToEnd = () => {
    this.setState({
      atEnd: true,
      lastSeenId: newestId(this.props.state.conversation),
    });
  };

  scrollToEnd() {
    const { current } = this.scroller;
    current.scrollTop = current.scrollHeight;
  }

  // When the reader comes near the upper edge, or all that is loaded fits the screen.
  loadHistoryIfNear() {
    const { chat, state } = this.props;
    if (state.history !== "idle" || !state.conversation.loaded) return;
    if (this.scroller.current.scrollTop < NEAR_START_PX) chat.loadHistory();
  }

  onScroll = () => {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller.current;
    const atEnd = scrollHeight - scrollTop - clientHeight < AT_END_PX;
    if (atEnd !== this.state.atEnd) {
      this.setState({ atEnd, lastSeenId: newestId(this.props.state.conversation) });
    }
    this.loadHistoryIfNear();
  };

  unseenCount() {
    const { conversation, userId } = this.props.state;
    const { lastSeenId } = this.state;
    const isUnseen = (message) => message.id > lastSeenId && message.user_id !== userId;
    return conversation.messages.filter(isUnseen).length;
  }

  render({ state, chat }, { atEnd }) {
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
            onRetry=${chat.loadHistory}
          />
          ${groupByDay(conversation.messages, state.firstUnreadId).map(
            (day) =>
              html`<${Day} key=${day.day} day=${day} state=${state} chat=${chat} />`,
          )}
          ${
            outbox.length > 0 &&
            html`<ol class="outbox" role="list" aria-label="Not sent yet">
              ${outbox.map(
                (item) =>
                  html`<${Outgoing} key=${item.key} item=${item} chat=${chat} />`,
              )}
            </ol>`
          }
        </div>
      </div>
      ${
        !atEnd &&
        html`<${NewMessages} count=${this.unseenCount()} onClick=${this.goToEnd} />`
      }
    </div>`;
  }
}

// A binary search: the elements stand one below the other.
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
