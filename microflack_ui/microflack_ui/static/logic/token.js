// What a token says of itself. Whether it is still good, only the server knows.

// Returns null for what is no token.
export function userIdOf(token) {
  return payloadOf(token)?.user_id ?? null;
}

// In seconds, by the server's clock alone: the one here may be another.
export function lifetimeOf(token, expiresAt) {
  return expiresAt - (payloadOf(token)?.iat ?? expiresAt);
}

function payloadOf(token) {
  try {
    const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    return JSON.parse(atob(payload));
  } catch {
    return null;
  }
}
