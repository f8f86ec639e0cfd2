// The REST API of the services, as far as the page uses it. All methods throw an
// ApiError when they fail.

const TIMEOUT_MS = 10_000;
const CHANGES_LIMIT = 500;

export class ApiError extends Error {
  // `status` is 0 when no answer came; `retryAfter` is in seconds.
  constructor(message, status = 0, retryAfter = 0) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

export class Api {
  #token;
  #closed = new AbortController();

  constructor(token = null) {
    this.#token = token;
  }

  // Aborts the requests that are under way: nobody waits for them any more.
  close() {
    this.#closed.abort();
  }

  register(nickname, password) {
    return this.#json("POST", "/api/users", { body: { nickname, password } });
  }

  async requestToken(nickname, password) {
    const authorization = `Basic ${base64(`${nickname}:${password}`)}`;
    return (await this.#json("POST", "/api/tokens", { authorization })).token;
  }

  // Goes offline, then revokes the token. `keepalive` lets the requests finish when the
  // page is closed. A failure does no harm: presence ends after a minute and the token
  // after an hour, and an older tokens service cannot revoke it at all.
  async signOut() {
    for (const url of ["/api/users/me", "/api/tokens"])
      await this.#request("DELETE", url, { keepalive: true }).catch(() => {});
  }

  usersUpdatedSince(since) {
    const query = since ? `?updated_since=${since}` : "";
    return this.#pages(`/api/users${query}`);
  }

  messagesUpdatedSince(since) {
    const query = `updated_since=${since}&limit=${CHANGES_LIMIT}`;
    return this.#pages(`/api/messages?${query}`);
  }

  messagesAfter(change) {
    return this.#pages(`/api/messages?after=${change}&limit=${CHANGES_LIMIT}`);
  }

  messagesBefore(id, limit) {
    return this.#json("GET", `/api/messages?before_id=${id}&limit=${limit}`);
  }

  postMessage(source, key) {
    const headers = { "Idempotency-Key": key };
    return this.#json("POST", "/api/messages", { body: { source }, headers });
  }

  editMessage(id, source) {
    return this.#request("PUT", `/api/messages/${id}`, { body: { source } });
  }

  // Yields a list page by page, following `_links.next`. What was yielded can be used,
  // also when a later page fails.
  async *#pages(url) {
    while (url) {
      const page = await this.#json("GET", url);
      yield page;
      url = pathOf(page._links?.next);
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

  async #request(method, url, { body, headers, authorization, keepalive } = {}) {
    const allHeaders = { Accept: "application/json", ...headers };
    if (body) allHeaders["Content-Type"] = "application/json";
    const credentials = authorization ?? (this.#token && `Bearer ${this.#token}`);
    if (credentials) allHeaders.Authorization = credentials;
    const response = await fetchFrom(url, {
      method,
      keepalive,
      headers: allHeaders,
      body: body && JSON.stringify(body),
      cache: "no-store",
      signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), this.#closed.signal]),
    });
    if (!response.ok) throw await errorFrom(response);
    return response;
  }
}

async function fetchFrom(url, options) {
  try {
    return await fetch(url, options);
  } catch (error) {
    throw new ApiError(
      error.name === "TimeoutError"
        ? "The server did not answer in time."
        : "The server cannot be reached.",
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

// Links are followed where the page came from, whatever host they name.
function pathOf(link) {
  if (!link) return null;
  const { pathname, search } = new URL(link, location.origin);
  return pathname + search;
}

// btoa takes Latin-1 only, but nicknames and passwords may be any text.
function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
