"""A small web for the tests of link cards: a WSGI application with pages to set."""

import threading
import time
from contextlib import suppress

HEAD = "<html><head><title>{}</title>"


class Web:
    """Answers each path with what a test gave it, and remembers who asked for what."""

    def __init__(self):
        self.url = ""
        self.asked = []
        self._pages = {}

    def page(self, path, body, status="200 OK", delay=0, **headers):
        """Set the answer at ``path`` and return its URL.

        The body is text, bytes or a function that returns an iterable of bytes.
        """
        headers = {"Content-Type": "text/html; charset=utf-8"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        self._pages[path] = (status, list(headers.items()), body, delay)
        return self.url + path

    def titled(self, path, title, description="", **options):
        """Set a page with this title and description and return its URL."""
        meta = f'<meta name="description" content="{description}"></head><body>'
        return self.page(path, HEAD.format(title) + meta, **options)

    def redirect(self, path, to):
        """Set a redirect and return its URL."""
        return self.page(path, "", status="302 Found", Location=to)

    def __call__(self, environ, start_response):
        self.asked.append(environ["PATH_INFO"])
        status, headers, body, delay = self._pages.get(
            environ["PATH_INFO"], ("404 Not Found", [], "", 0)
        )
        time.sleep(delay)
        start_response(status, headers)
        if callable(body):
            return body()
        return [body.encode() if isinstance(body, str) else body]


class Trickle(threading.Thread):
    """Answers one connection of a listening socket with endless headers."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self._server = server

    def run(self):
        connection, _ = self._server.accept()
        with connection, suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while True:
                connection.sendall(b"x")
                time.sleep(0.05)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_error):
        self.join()
