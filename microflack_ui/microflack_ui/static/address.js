// What the address of the page asks for. It names the room that is shown; and the links
// that people are given end in a code, after "#", where it comes into no server's log, or
// in the query.

import { EVERYONE } from "./logic/rooms.js";

const PLACE = /^\/rooms\/(\d{1,15})(?:\/messages\/(\d{1,15}))?\/?$/;

export function invitationIn({ search, hash }) {
  const inHash = new URLSearchParams(hash.slice(1)).get("invitation");
  return inHash ?? new URLSearchParams(search).get("invitation") ?? "";
}

export function resetCodeIn({ pathname, search, hash }) {
  if (pathname !== "/reset") return "";
  return new URLSearchParams(search).get("code") ?? hash.slice(1);
}

// A code that was used does not stay in the address.
export function clearAddress() {
  history.replaceState(history.state, "", "/");
}

export function placeIn({ pathname }) {
  const [, roomId = EVERYONE, messageId = null] = PLACE.exec(pathname) ?? [];
  return { roomId: Number(roomId), messageId: messageId && Number(messageId) };
}

export function pathOf({ roomId, messageId = null }) {
  if (messageId) return `/rooms/${roomId}/messages/${messageId}`;
  return roomId === EVERYONE ? "/" : `/rooms/${roomId}`;
}

// A dialog has an entry of its own in the history, which the place that was chosen in it
// takes over.
export function showInAddress(place) {
  const path = pathOf(place);
  if (path === location.pathname) return;
  if (history.state?.isLayer) history.replaceState(null, "", path);
  else history.pushState(null, "", path);
}

// Calls back when somebody goes back or forward. Returns a function that ends it.
export function onAddressChange(callback) {
  const onChange = () => callback(placeIn(location));
  addEventListener("popstate", onChange);
  return () => removeEventListener("popstate", onChange);
}
