// The conversation, which scrolls. What the reader sees stays in its place, whatever is
// added above or below.

import { Component, createRef } from "preact";

import { html } from "../html.js";
import { countUnseen, firstUnread, isLong, newestId } from "../logic/conversation.js";
import { inRoom } from "../logic/outbox.js";
import { groupByDay } from "../logic/timeline.js";
import { Day } from "./Day.js";
import { HistoryEdge } from "./HistoryEdge.js";
import { NewMessages } from "./NewMessages.js";
import { OutgoingList } from "./OutgoingList.js";
import { looksOther } from "./looksOther.js";
import { anchorBelow, belowView, placeOfFirst } from "./scrolling.js";
import { putBack, showAndFocus } from "./scrolling.js";

// At this distance from an edge the reader counts as being there.
const AT_END_PX = 40;
const NEAR_EDGE_PX = 800;
// Farther from what is in view nothing needs to be drawn.
const FAR_PX = 4 * NEAR_EDGE_PX;

export class Timeline extends Component {
  scroller = createRef();
  content = createRef();
  state = {
    atEnd: true,
    lastSeenId: newestId(this.props.state.conversation),
    outboxLength: 0,
  };
  // The link and the line above what is new that were gone to.
  shownPlace = null;
  shownMark = null;

  // Who sends a message wants to see it: goes to the end.
  static getDerivedStateFromProps({ state }, { atEnd, outboxLength }) {
    const { length } = inRoom(state.outbox, state.place.roomId);
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
    this.show();
  }

  // Not at each letter that somebody types: a long conversation is slow to draw.
  shouldComponentUpdate(next, { atEnd, lastSeenId }) {
    const scrolled = atEnd !== this.state.atEnd || lastSeenId !== this.state.lastSeenId;
    return scrolled || looksOther(next.state, this.props.state);
  }

  componentWillUnmount() {
    this.resizeObserver.disconnect();
  }

  // Remembers the first visible message and its place, to put it there again.
  getSnapshotBeforeUpdate() {
    if (this.state.atEnd) return null;
    return placeOfFirst(this.scroller.current, this.findAll("[data-anchor]"));
  }

  componentDidUpdate(_props, _state, snapshot) {
    if (this.state.atEnd) this.scrollToEnd();
    else if (snapshot) putBack(this.scroller.current, snapshot);
    this.cut();
    this.show();
  }

  // Leaves out what is far from what is in view: however much somebody reads, what is drawn
  // stays short.
  cut() {
    const { chat, state } = this.props;
    if (!isLong(state.conversation)) return;
    const { top, bottom } = this.scroller.current.getBoundingClientRect();
    const messages = this.findAll(".message, .blocked");
    const first = anchorBelow(messages, top - FAR_PX);
    const last = anchorBelow(messages, bottom + FAR_PX);
    chat.visit.cutTo(first && Number(first), last && Number(last));
  }

  // Goes where a link leads, or to the line above what is new; says what is in view then.
  show() {
    const { chat, state } = this.props;
    if (!state.conversation.loaded) return;
    if (this.goToMessage(state.place) || this.goToLine(state.readMark)) this.onScroll();
    else this.loadIfNear();
    chat.visit.setAtEnd(this.isAtEnd());
  }

  goToMessage(place) {
    if (place === this.shownPlace || !place.messageId) return false;
    const [message] = this.findAll(`.message[data-anchor="${place.messageId}"]`);
    if (!message) return false;
    this.shownPlace = place;
    this.shownMark = this.props.state.readMark;
    showAndFocus(message);
    return true;
  }

  // Not for a reader who stood at the end when nobody looked.
  goToLine(readMark) {
    if (readMark === this.shownMark) return false;
    this.shownMark = readMark;
    const [line] = this.findAll(".unread-line");
    if (!line || !this.state.atEnd || document.hidden) return false;
    line.scrollIntoView({ block: "start" });
    return true;
  }

  findAll(selector) {
    return this.content.current.querySelectorAll(selector);
  }

  goToEnd = () => {
    this.props.chat.visit.goToEnd();
    const { conversation } = this.props.state;
    this.setState({ atEnd: true, lastSeenId: newestId(conversation) });
  };

  scrollToEnd() {
    const { current } = this.scroller;
    current.scrollTop = current.scrollHeight;
  }

  // When the reader comes near the upper edge, or all that is loaded fits the screen; or
  // near the lower edge of a part of the history.
  loadIfNear() {
    const { chat, state } = this.props;
    if (state.history !== "idle" || !state.conversation.loaded) return;
    const { current } = this.scroller;
    const isNearStart = current.scrollTop < NEAR_EDGE_PX;
    if (isNearStart && !state.conversation.reachedStart) chat.visit.loadHistory();
    else if (belowView(current) < NEAR_EDGE_PX) chat.visit.loadNewer();
  }

  // A part of the history has no end.
  isAtEnd() {
    const { isPart } = this.props.state.conversation;
    return !isPart && belowView(this.scroller.current) < AT_END_PX;
  }

  onScroll = () => {
    const { conversation } = this.props.state;
    const atEnd = this.isAtEnd();
    if (atEnd !== this.state.atEnd)
      this.setState({ atEnd, lastSeenId: newestId(conversation) });
    this.props.chat.visit.setAtEnd(atEnd);
    this.loadIfNear();
  };

  unseenCount() {
    const { state } = this.props;
    return countUnseen(state.conversation, this.state.lastSeenId, state);
  }

  render({ state, chat }, { atEnd }) {
    const { conversation, readMark, userId } = state;
    const outbox = inRoom(state.outbox, state.place.roomId);
    const unread = firstUnread(conversation, readMark, userId);
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
            onRetry=${chat.visit.loadHistory}
          />
          ${groupByDay(conversation.messages, unread?.id).map(
            (day) =>
              html`<${Day}
                key=${day.day}
                day=${day}
                state=${state}
                firstUnread=${unread}
                chat=${chat}
              />`,
          )}
          <${OutgoingList} items=${outbox} chat=${chat} />
        </div>
      </div>
      ${
        (!atEnd || conversation.isPart) &&
        html`<${NewMessages} count=${this.unseenCount()} onClick=${this.goToEnd} />`
      }
    </div>`;
  }
}
