// The REST API of the chat, as far as the page uses it.

import { Http } from "./http.js";

const CHANGES_LIMIT = 500;

export class Api extends Http {
  // Goes offline, then ends the token, and the session with it. `keepalive` lets the
  // requests finish when the page is closed. A failure does no harm: presence ends after
  // a minute and the token after an hour, and an older tokens service cannot revoke it.
  async signOut() {
    for (const url of ["/api/users/me", "/api/tokens"])
      await this.request("DELETE", url, { keepalive: true }).catch(() => {});
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
