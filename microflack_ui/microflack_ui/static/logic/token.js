// What a token says of itself. Whether it is still good, only the server knows.

// Returns null for what is no token.
export function userIdOf(token) {
  try {
    const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    return JSON.parse(atob(payload)).user_id ?? null;
  } catch {
    return null;
  }
}
