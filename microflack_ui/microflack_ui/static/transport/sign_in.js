// What is asked before anybody is signed in. All functions throw an ApiError when they
// fail.
//
// The session is in a cookie that scripts cannot read. Older releases of the tokens
// service know no sessions, and give a token without `expires_at`.

import { Http } from "./http.js";

const http = new Http();
const NOT_RIGHT = "Nickname or password is not right.";
const AS_COOKIE = { "X-Session": "cookie" };

// Resolves to { token, expires_at? }.
export async function requestToken(nickname, password) {
  const Authorization = `Basic ${base64(`${nickname}:${password}`)}`;
  try {
    const headers = { ...AS_COOKIE, Authorization };
    return await http.json("POST", "/api/tokens", { headers });
  } catch (error) {
    // What programs are told; but of an account that is closed people are told as well.
    const isClosed = error.message.includes("deactivated");
    if (error.status === 401 && !isClosed) error.message = NOT_RIGHT;
    throw error;
  }
}

// Goes on with the session of the cookie. Resolves to { token, expires_at }.
export async function renewToken() {
  const ask = () => http.json("POST", "/api/tokens", { headers: AS_COOKIE });
  // During an upgrade an instance of a release that knows no sessions may be asked.
  return ask().catch((error) => {
    if (error.status !== 401) throw error;
    return ask();
  });
}

export function register(nickname, password, invitation) {
  const body = { nickname, password };
  if (invitation) body.invitation = invitation;
  return http.json("POST", "/api/users", { body });
}

// Sets a new password with the code of a link that an admin has made.
export function resetPassword(code, password) {
  return http.request("POST", "/api/users/reset", { body: { code, password } });
}

// Whether one can read, and register, without being invited.
export async function isOpen() {
  try {
    await http.request("GET", "/api/messages?limit=1");
    return true;
  } catch (error) {
    return error.status !== 401;
  }
}

// btoa takes Latin-1 only, but nicknames and passwords may be any text.
function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
