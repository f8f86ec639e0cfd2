// The REST API of web push. All methods throw an ApiError when they fail.

import { Http } from "./http.js";

const PATH = "/api/messages/push";

export class PushApi extends Http {
  // Resolves to { public_key, subscription }, or to null where nobody is told: by
  // releases 1 to 10 of the messages service, or one without a key.
  async settings() {
    try {
      return await this.json("GET", PATH);
    } catch (error) {
      if (error.status === 404) return null;
      throw error;
    }
  }

  // `subscription`: as the browser writes it, and whether it `wants_text`.
  subscribe(subscription) {
    return this.request("PUT", PATH, { body: subscription });
  }

  unsubscribe() {
    return this.request("DELETE", PATH);
  }
}
