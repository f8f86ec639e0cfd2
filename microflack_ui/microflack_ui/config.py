"""The settings of the UI service."""

from collections.abc import Mapping
from typing import ClassVar


class Config:
    """Fixed settings, none from the environment.

    The page asks the other services at the address that it came from.
    """

    def __init__(self, _environ: Mapping[str, str] | None = None) -> None:
        """Read nothing; other services read their settings here."""

    # The files of the libraries that the page's modules ask for by name.
    LIBRARIES: ClassVar[dict[str, str]] = {
        "emojibase-data": "vendor/emojibase-data/github.json",
        "highlight.js": "vendor/highlight.js/highlight.mjs",
        "htm": "vendor/htm/htm.mjs",
        "preact": "vendor/preact/preact.mjs",
        "preact/hooks": "vendor/preact/hooks.mjs",
        "socket.io-client": "vendor/socket.io-client/socket.io.mjs",
        "zxcvbn": "vendor/zxcvbn/zxcvbn.js",
    }

    # Those that are loaded when they are needed, which mostly they are not.
    LAZY_LIBRARIES: ClassVar[frozenset[str]] = frozenset(
        {"emojibase-data", "highlight.js", "zxcvbn"}
    )

    # What the browser may load. routes.py adds the hashes of the import map and of
    # reload.js, the scripts within the page. HTML enters only through the policy
    # "message-html"; "service-worker" has one address. "connect-src 'self'" is for
    # WebSocket, too; "blob:" for pictures that were fetched with a token.
    CONTENT_SECURITY_POLICY: ClassVar[dict[str, str]] = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' blob:",
        "connect-src": "'self'",
        "manifest-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "message-html service-worker",
    }
