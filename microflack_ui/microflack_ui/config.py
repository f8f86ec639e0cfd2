"""The settings of the UI service."""

from typing import ClassVar


class Config:
    """Fixed settings, none from the environment.

    The page asks the other services at the address that it came from.
    """

    # Where the page's modules find the libraries that they import by name.
    IMPORT_MAP: ClassVar[dict[str, dict[str, str]]] = {
        "imports": {
            "htm": "/static/vendor/htm/htm.mjs",
            "preact": "/static/vendor/preact/preact.mjs",
            "preact/hooks": "/static/vendor/preact/hooks.mjs",
            "socket.io-client": "/static/vendor/socket.io-client/socket.io.mjs",
        }
    }

    # What the browser may load. routes.py adds the hash of the import map, which is the
    # one script within the page. HTML enters only through the policy "message-html".
    # "connect-src 'self'" is for WebSocket, too.
    CONTENT_SECURITY_POLICY: ClassVar[dict[str, str]] = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "message-html",
    }
