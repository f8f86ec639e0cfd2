// Requests to the services, in the name of who is signed in.

import { explain } from "../logic/explain.js";

const TIMEOUT_MS = 10_000;
const NOT_MODIFIED = 304;

export class ApiError extends Error {
  // `message` is a sentence for people. `status` is 0 when no answer came; `retryAfter`
  // is in seconds.
  constructor(message, status = 0, retryAfter = 0) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

// All methods throw an ApiError when they fail.
export class Http {
  #credentials;
  #closed = new AbortController();

  // `credentials`: those of credentials.js; null for who is not signed in.
  constructor(credentials = null) {
    this.#credentials = credentials;
  }

  // Aborts the requests that are under way: nobody waits for them any more.
  close() {
    this.#closed.abort();
  }

  async json(method, url, options) {
    return bodyOf(await this.request(method, url, options));
  }

  // A token that was refused may only be too old: then the request is made once more.
  async request(method, url, options = {}) {
    const token = await this.#credentials?.token();
    try {
      return await this.#send(method, url, withToken(options, token));
    } catch (error) {
      if (error.status !== 401 || !token) throw error;
      const renewed = await this.#credentials.renewed(token);
      if (!renewed) throw error;
      return this.#send(method, url, withToken(options, renewed));
    }
  }

  // Yields a list page by page, following `_links.next`. What was yielded can be used,
  // also when a later page fails.
  async *pages(url) {
    while (url) {
      const page = await this.json("GET", url);
      yield page;
      url = pathOf(page._links?.next);
    }
  }

  // `form`: what is sent in place of JSON. `cache`: whether the browser may keep the
  // answer.
  async #send(method, url, options) {
    const { body, form, headers, keepalive } = options;
    const { cache = "no-store", timeout = TIMEOUT_MS } = options;
    const allHeaders = { Accept: "application/json", ...headers };
    if (body) allHeaders["Content-Type"] = "application/json";
    const response = await fetchFrom(url, {
      method,
      keepalive,
      headers: allHeaders,
      body: form ?? (body && JSON.stringify(body)),
      cache,
      signal: AbortSignal.any([AbortSignal.timeout(timeout), this.#closed.signal]),
    });
    const isSame = response.status === NOT_MODIFIED;
    if (!response.ok && !isSame) throw await errorFrom(response);
    return response;
  }
}

// A body can break off after its head has come, or be another than was expected. `kind`
// names the method of a Response that reads it.
export async function bodyOf(response, kind = "json") {
  try {
    return await response[kind]();
  } catch {
    throw new ApiError("The server's answer could not be read.");
  }
}

function withToken(options, token) {
  if (!token) return options;
  return {
    ...options,
    headers: { Authorization: `Bearer ${token}`, ...options.headers },
  };
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
  const { status } = response;
  const retryAfter = Number(response.headers.get("Retry-After")) || 0;
  const sentence = explain(answer?.error, { status, retryAfter });
  return new ApiError(sentence, status, retryAfter);
}

// Links are followed where the page came from, whatever host they name.
function pathOf(link) {
  if (!link) return null;
  const { pathname, search } = new URL(link, location.origin);
  return pathname + search;
}
