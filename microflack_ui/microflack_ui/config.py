"""The settings of the UI service."""

from typing import ClassVar


class Config:
    """All of them are fixed: the page finds the other services where it came from."""

    # Where the page's modules find the libraries that are not the page's own.
    IMPORT_MAP: ClassVar[dict[str, dict[str, str]]] = {
        "imports": {
            "htm": "/static/vendor/htm/htm.mjs",
            "preact": "/static/vendor/preact/preact.mjs",
            "preact/hooks": "/static/vendor/preact/hooks.mjs",
            "socket.io-client": "/static/vendor/socket.io-client/socket.io.mjs",
        }
    }

    # What the browser may load. Scripts come from here and from the import map in the
    # page, whose hash is added; HTML gets in only through the policy "message-html".
    # Connections to 'self' are those over WebSocket, too.
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
