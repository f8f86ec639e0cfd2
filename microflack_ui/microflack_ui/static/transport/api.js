// The services' REST API, as the page uses it.

const TIMEOUT_MS = 10_000;
const POLL_LIMIT = 500;

export class ApiError extends Error {
  // `status` is 0 when no answer came.
  constructor(message, status = 0, retryAfter = 0) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

export class Api {
  #token;
  #closing = new AbortController();

  constructor(token = null) {
    this.#token = token;
  }

  // Gives up what is under way: nobody waits for it any more.
  close() {
    this.#closing.abort();
  }

  register(nickname, password) {
    return this.#json("POST", "/api/users", { body: { nickname, password } });
  }

  async requestToken(nickname, password) {
    const authorization = `Basic ${base64(`${nickname}:${password}`)}`;
    return (await this.#json("POST", "/api/tokens", { authorization })).token;
  }

  // Goes offline, then revokes the token. Outlives the page: it is the last thing that
  // somebody who leaves asks for. Should it not arrive, presence ends in a minute and the
  // token in an hour; a service without revocation offers no more.
  async signOut() {
    for (const url of ["/api/users/me", "/api/tokens"])
      await this.#request("DELETE", url, { keepalive: true }).catch(() => {});
  }

  usersChangedSince(since) {
    const query = since ? `?updated_since=${since}` : "";
    return this.#answers(`/api/users${query}`);
  }

  messagesChangedSince(since) {
    const query = `updated_since=${since}&limit=${POLL_LIMIT}`;
    return this.#answers(`/api/messages?${query}`);
  }

  messagesAfter(change) {
    return this.#answers(`/api/messages?after=${change}&limit=${POLL_LIMIT}`);
  }

  messagesBefore(id, limit) {
    return this.#json("GET", `/api/messages?before_id=${id}&limit=${limit}`);
  }

  message(id) {
    return this.#json("GET", `/api/messages/${id}`);
  }

  postMessage(source, key) {
    const headers = { "Idempotency-Key": key };
    return this.#json("POST", "/api/messages", { body: { source }, headers });
  }

  editMessage(id, source) {
    return this.#request("PUT", `/api/messages/${id}`, { body: { source } });
  }

  // Follows `_links.next` of lists that were cut. Yields answer by answer, in their
  // order, so that what has come stays when a later one fails.
  async *#answers(url) {
    while (url) {
      const answer = await this.#json("GET", url);
      yield answer;
      url = here(answer._links?.next);
    }
  }

  async #json(method, url, options) {
    const response = await this.#request(method, url, options);
    try {
      return await response.json();
    } catch {
      throw new ApiError("The server's answer could not be read.");
    }
  }

  async #request(method, url, { body, headers = {}, authorization, keepalive } = {}) {
    const sent = { Accept: "application/json", ...headers };
    if (body) sent["Content-Type"] = "application/json";
    const credentials = authorization ?? (this.#token && `Bearer ${this.#token}`);
    if (credentials) sent.Authorization = credentials;
    const response = await answerTo(url, {
      method,
      keepalive,
      headers: sent,
      body: body && JSON.stringify(body),
      cache: "no-store",
      signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), this.#closing.signal]),
    });
    if (!response.ok) throw await errorFrom(response);
    return response;
  }
}

async function answerTo(url, options) {
  try {
    return await fetch(url, options);
  } catch (error) {
    const slow = error.name === "TimeoutError";
    throw new ApiError(
      slow ? "The server did not answer in time." : "The server cannot be reached.",
    );
  }
}

async function errorFrom(response) {
  const answer = await response.json().catch(() => null);
  const sentence =
    answer?.error ?? `The server answered with status ${response.status}.`;
  const retryAfter = Number(response.headers.get("Retry-After")) || 0;
  return new ApiError(String(sentence), response.status, retryAfter);
}

// A link of the server, asked of the place this page came from.
function here(link) {
  if (!link) return null;
  const { pathname, search } = new URL(link, location.origin);
  return pathname + search;
}

// btoa knows only Latin-1, nicknames and passwords are any text.
function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
