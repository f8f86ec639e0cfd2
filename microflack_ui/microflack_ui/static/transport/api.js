// The REST API of the chat, as far as the page uses it.

import { Http } from "./http.js";

const CHANGES_LIMIT = 500;

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

  messagesUpdatedSince(since) {
    const query = `updated_since=${since}&limit=${CHANGES_LIMIT}`;
    return this.pages(`/api/messages?${query}`);
  }

  messagesAfter(change) {
    return this.pages(`/api/messages?after=${change}&limit=${CHANGES_LIMIT}`);
  }

  messagesBefore(id, limit) {
    return this.json("GET", `/api/messages?before_id=${id}&limit=${limit}`);
  }

  postMessage(source, key) {
    const headers = { "Idempotency-Key": key };
    return this.json("POST", "/api/messages", { body: { source }, headers });
  }

  editMessage(id, source) {
    return this.request("PUT", `/api/messages/${id}`, { body: { source } });
  }
}
