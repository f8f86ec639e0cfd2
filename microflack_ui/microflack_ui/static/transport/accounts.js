// The REST API of accounts: one's own, and what admins do. All methods throw an ApiError
// when they fail.

import { Http } from "./http.js";

const STORED = ["/api/users/stored", "/api/messages/stored"];

export class Accounts extends Http {
  rename(userId, nickname) {
    return this.change(userId, { nickname });
  }

  changePassword(userId, currentPassword, password) {
    return this.change(userId, { current_password: currentPassword, password });
  }

  setPicture(userId, file) {
    const form = new FormData();
    form.append("picture", file, "picture");
    return this.request("PUT", pictureUrl(userId), { form, timeout: 60_000 });
  }

  removePicture(userId) {
    return this.request("DELETE", pictureUrl(userId));
  }

  async blocked() {
    const { blocked } = await this.json("GET", "/api/users/me/blocked");
    return blocked.map((one) => one.user_id);
  }

  block(userId) {
    return this.request("PUT", `/api/users/me/blocked/${userId}`);
  }

  unblock(userId) {
    return this.request("DELETE", `/api/users/me/blocked/${userId}`);
  }

  async sessions() {
    return (await this.json("GET", "/api/tokens/sessions")).sessions;
  }

  endSession(id) {
    return this.request("DELETE", `/api/tokens/sessions/${encodeURIComponent(id)}`);
  }

  // For admins: `fields` are `admin` or `deactivated`.
  change(userId, fields) {
    return this.request("PUT", `/api/users/${userId}`, { body: fields });
  }

  endSessionsOf(userId) {
    return this.request("DELETE", `/api/users/${userId}/sessions`);
  }

  // Resolves to how much is stored, by the names of the numbers: those of the services
  // that count it.
  async stored() {
    const asked = STORED.map((url) => this.json("GET", url).catch(unlessMissing));
    return Object.assign({}, ...(await Promise.all(asked)));
  }

  // Resolves to { url }, a link with which this person sets a new password.
  resetLink(userId) {
    return this.json("POST", `/api/users/${userId}/reset`);
  }

  async invitations() {
    return (await this.json("GET", "/api/users/invitations")).invitations;
  }

  invite() {
    return this.json("POST", "/api/users/invitations", { body: {} });
  }

  withdraw(code) {
    const url = `/api/users/invitations/${encodeURIComponent(code)}`;
    return this.request("DELETE", url);
  }
}

function pictureUrl(userId) {
  return `/api/users/${userId}/picture`;
}

// What older releases do not know.
function unlessMissing(error) {
  if (error.status !== 404) throw error;
  return {};
}
