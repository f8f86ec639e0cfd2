"""The page and the files it is made of."""

import json
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    render_template,
    request,
)
from markupsafe import Markup
from werkzeug.security import safe_join

STATIC_FOLDER = Path(__file__).parent / "static"
# Not guessed from the host's tables, which differ about .mjs and .svg.
CONTENT_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
}

bp = Blueprint("ui", __name__)


def init_app(app: Flask) -> None:
    """Add the routes to ``app``."""
    app.register_blueprint(bp)
    app.after_request(_add_security_headers)


@bp.get("/")
def page() -> Response:
    """Return the page; for everybody."""
    import_map = json.dumps(current_app.config["IMPORT_MAP"])
    text = render_template(
        "page.html", import_map=Markup(import_map), modules=_module_urls()
    )
    response = _revalidated(Response(text, mimetype="text/html"))
    response.headers["Content-Security-Policy"] = _security_policy(import_map)
    return response


@bp.get("/static/<path:name>")
def static(name: str) -> Response:
    """Return one of the page's files; for everybody."""
    path = Path(safe_join(str(STATIC_FOLDER), name) or STATIC_FOLDER)
    if not path.is_file():
        abort(404)
    mimetype = CONTENT_TYPES.get(path.suffix, "text/plain")
    return _revalidated(Response(path.read_bytes(), mimetype=mimetype))


def _revalidated(response: Response) -> Response:
    """Let browsers keep an answer, and ask each time whether it is still the same.

    So an upgrade shows at once. The ETag is a hash of the content: all instances of a
    version give the same.
    """
    response.cache_control.no_cache = True
    response.add_etag()
    return response.make_conditional(request)


def _module_urls() -> list[str]:
    """List the page's own modules: a browser that knows all loads them at once."""
    modules = STATIC_FOLDER.rglob("*.js")
    return sorted(f"/static/{path.relative_to(STATIC_FOLDER)}" for path in modules)


def _security_policy(import_map: str) -> str:
    policy = dict(current_app.config["CONTENT_SECURITY_POLICY"])
    digest = b64encode(sha256(import_map.encode()).digest()).decode()
    policy["script-src"] += f" 'sha256-{digest}'"
    return "; ".join(f"{name} {value}" for name, value in policy.items())


def _add_security_headers(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers.setdefault("Content-Security-Policy", "default-src 'none'")
    return response
