// The REST API of the chat, as far as the page uses it.

import { EVERYONE } from "../logic/rooms.js";
import { Http } from "./http.js";

const CHANGES_LIMIT = 500;
const SEARCH_LIMIT = 20;

export class Api extends Http {
  // Goes offline, then ends the token, and the session with it. `keepalive` lets the
  // requests finish when the page is closed. Resolves to whether the session is over.
  async signOut() {
    const options = { keepalive: true };
    // A failure does no harm: presence ends after a minute.
    await this.request("DELETE", "/api/users/me", options).catch(() => {});
    try {
      await this.request("DELETE", "/api/tokens", options);
      return true;
    } catch (error) {
      return error.status === 401;
    }
  }

  usersUpdatedSince(since) {
    const query = since ? `?updated_since=${since}` : "";
    return this.pages(`/api/users${query}`);
  }

  messagesUpdatedSince(since, roomId) {
    const query = `updated_since=${since}&limit=${CHANGES_LIMIT}`;
    return this.pages(`/api/messages?${query}${inRoom(roomId)}`);
  }

  messagesAfter(change, roomId) {
    const query = `after=${change}&limit=${CHANGES_LIMIT}`;
    return this.pages(`/api/messages?${query}${inRoom(roomId)}`);
  }

  messagesBefore(id, limit, roomId) {
    const query = `before_id=${id}&limit=${limit}`;
    return this.json("GET", `/api/messages?${query}${inRoom(roomId)}`);
  }

  messagesAround(id, limit, roomId) {
    return this.json("GET", `/api/messages?room=${roomId}&around=${id}&limit=${limit}`);
  }

  // Resolves to the first message that was said since then, in seconds; null if there is
  // none.
  async firstMessageSince(time, roomId) {
    const query = `room=${roomId}&around_time=${time}&limit=1`;
    const { messages } = await this.json("GET", `/api/messages?${query}`);
    // An older release understands another question, and answers with the newest one.
    return messages.find(({ created_at: at }) => at >= time) ?? null;
  }

  message(id) {
    return this.json("GET", `/api/messages/${id}`);
  }

  // Page by page. `roomId`: only there, or null for all rooms.
  search(words, roomId) {
    const query = new URLSearchParams({ q: words, limit: SEARCH_LIMIT });
    if (roomId) query.set("room", roomId);
    return this.pages(`/api/messages/search?${query}`);
  }

  // `item` is one of the outbox: its key makes sure that it is stored once.
  postMessage({ key, source, roomId = EVERYONE, replyTo, files }) {
    const headers = { "Idempotency-Key": key };
    const body = { source };
    if (roomId !== EVERYONE) body.room_id = roomId;
    if (replyTo) body.reply_to = replyTo;
    if (files?.length) body.files = files.map(({ id }) => id);
    return this.json("POST", "/api/messages", { body, headers });
  }

  editMessage(id, source) {
    return this.request("PUT", `/api/messages/${id}`, { body: { source } });
  }

  deleteMessage(id) {
    return this.request("DELETE", `/api/messages/${id}`);
  }

  react(id, emoji, isOn) {
    const url = `/api/messages/${id}/reactions/${encodeURIComponent(emoji)}`;
    return this.request(isOn ? "PUT" : "DELETE", url);
  }
}

// Without it the room of everybody is meant, by releases that know no rooms as well.
function inRoom(roomId) {
  return roomId === EVERYONE ? "" : `&room=${roomId}`;
}
