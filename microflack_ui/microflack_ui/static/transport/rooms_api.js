// The REST API of rooms. All methods throw an ApiError when they fail.

import { bodyOf, Http } from "./http.js";

export class RoomsApi extends Http {
  #etag = "";

  // Resolves to the rooms, to [] with `isSame` when nothing has changed since the last
  // time, or to null when the service knows none.
  async list() {
    const headers = this.#etag ? { "If-None-Match": this.#etag } : {};
    try {
      const response = await this.request("GET", "/api/rooms", { headers });
      if (response.status === 304) return { rooms: [], isSame: true };
      const { rooms } = await bodyOf(response);
      this.#etag = response.headers.get("ETag") ?? "";
      return { rooms, isSame: false };
    } catch (error) {
      if (error.status === 404) return null;
      throw error;
    }
  }

  // `fields` are `name`, `kind`, `topic` and `members`.
  create(fields) {
    return this.json("POST", "/api/rooms", { body: fields });
  }

  room(id) {
    return this.json("GET", `/api/rooms/${id}`);
  }

  change(id, fields) {
    return this.request("PUT", `/api/rooms/${id}`, { body: fields });
  }

  remove(id) {
    return this.request("DELETE", `/api/rooms/${id}`);
  }

  async members(id) {
    return (await this.json("GET", `/api/rooms/${id}/members`)).members;
  }

  join(id, userId) {
    return this.request("PUT", `/api/rooms/${id}/members/${userId}`);
  }

  leave(id, userId) {
    return this.request("DELETE", `/api/rooms/${id}/members/${userId}`);
  }

  markRead(id, upTo) {
    const body = { up_to: upTo };
    return this.request("PUT", `/api/rooms/${id}/read`, { body, keepalive: true });
  }

  notify(id, notify) {
    return this.request("PUT", `/api/rooms/${id}/notify`, { body: { notify } });
  }
}
