// What the address of the page asks for: the links that people are given end in a code.
// It is after "#", where it comes into no server's log, or in the query.

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
