"""What an HTTP API does in front of functions: HTTP in, events in its format 2.0 out.

Source of the format: "Create AWS Lambda proxy integrations for HTTP APIs in API
Gateway", the developer guide of API Gateway.
"""

import json
from base64 import b64decode, b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit
from uuid import uuid4

# What a function is given, as JSON: a quota of Lambda. Its answer has the same one.
MAX_EVENT_BYTES = 6 * 1024 * 1024
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


def route_of(routes, method, path):
    """Return the key of the route that a request takes: the longest that fits."""

    def fits(key):
        verb, _, pattern = key.partition(" ")
        if verb not in ("ANY", method):
            return False
        if pattern.endswith("/{proxy+}"):
            return path.startswith(pattern.removesuffix("{proxy+}"))
        return path == pattern

    found = sorted(filter(fits, routes), key=len)
    return found[-1] if found else "$default"


def event_of(key, method, target, headers, body, address, host):
    """Return the event of a request."""
    parts = urlsplit(target)
    lower = {}
    for name, value in headers:
        name = name.lower()
        if name not in HOP_BY_HOP and name != "cookie":
            lower[name] = f"{lower[name]},{value}" if name in lower else value
    before = f"{lower['x-forwarded-for']}, " if "x-forwarded-for" in lower else ""
    lower |= {"x-forwarded-for": before + address, "x-forwarded-proto": "http"}
    cookies = [v for n, v in headers if n.lower() == "cookie"]
    http = {"method": method, "path": parts.path, "protocol": "HTTP/1.1"}
    http |= {"sourceIp": address, "userAgent": lower.get("user-agent", "")}
    context = {"http": http, "domainName": host, "stage": "$default"}
    event = {
        "version": "2.0",
        "routeKey": key,
        "rawPath": parts.path,
        "rawQueryString": parts.query,
        "headers": lower,
        "requestContext": context | {"requestId": uuid4().hex},
        "isBase64Encoded": bool(body),
    }
    if cookies:
        event["cookies"] = "; ".join(cookies).split("; ")
    if body:
        event["body"] = b64encode(body).decode()
    return event


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _handle(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        server = self.server
        path = urlsplit(self.path).path
        key = route_of(server.routes, self.command, path)
        event = event_of(
            key,
            self.command,
            self.path,
            self.headers.items(),
            body,
            self.client_address[0],
            self.headers.get("Host", ""),
        )
        if len(json.dumps(event)) > MAX_EVENT_BYTES:
            body = '{"message":"Request Entity Too Large"}'
            self._answer({"statusCode": 413, "body": body})
            return
        with server.functions.copy(server.routes[key]) as function:
            result, _ = function.invoke(event)
        self._answer(result)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = _handle  # noqa: N815

    def _answer(self, result):
        if "statusCode" not in result:
            result = {"statusCode": 500, "body": '{"message":"Internal Server Error"}'}
        body = (result.get("body") or "").encode()
        if result.get("isBase64Encoded"):
            body = b64decode(body)
        self.send_response(result["statusCode"])
        for name, value in (result.get("headers") or {}).items():
            if name.lower() != "content-length":
                self.send_header(name, value)
        for cookie in result.get("cookies") or []:
            self.send_header("Set-Cookie", cookie)
        if result["statusCode"] not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_arguments):
        pass


class Gateway(ThreadingHTTPServer):
    """An HTTP API on a local port."""

    daemon_threads = True

    def __init__(self, routes, functions):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.routes, self.functions = routes, functions
        self.url = f"http://127.0.0.1:{self.server_port}"
