"""The page and the files it is made of."""

import json
from base64 import b64encode
from hashlib import sha256
from pathlib import PurePosixPath

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

from microflack_ui import files

# Not guessed from the host's tables, which differ about .mjs and .svg.
CONTENT_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".mjs": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
ONE_YEAR_SECONDS = 365 * 24 * 60 * 60
# What is no page loads and runs nothing. The first stands for none of the others.
NO_DOCUMENT = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# It works for all pages, and fetches their files.
SERVICE_WORKER = "service_worker.js"
OF_SERVICE_WORKER = {
    "Service-Worker-Allowed": "/",
    "Content-Security-Policy": "default-src 'none'; connect-src 'self'",
}

bp = Blueprint("ui", __name__)


def init_app(app: Flask) -> None:
    """Add the routes to ``app``."""
    app.register_blueprint(bp)
    app.after_request(_add_security_headers)


@bp.get("/")
@bp.get("/reset")
@bp.get("/rooms/<int:room_id>")
@bp.get("/rooms/<int:room_id>/messages/<int:message_id>")
def page(**_ids: int) -> Response:
    """Return the page, which looks at its address itself; for everybody."""
    base = f"/static/v/{files.version()}"
    libraries: dict[str, str] = current_app.config["LIBRARIES"]
    lazy: frozenset[str] = current_app.config["LAZY_LIBRARIES"]
    urls = {name: f"{base}/{file}" for name, file in libraries.items()}
    import_map = json.dumps({"imports": urls})
    reload = (files.FOLDER / "reload.js").read_text()
    text = render_template(
        "page.html",
        base=base,
        import_map=Markup(import_map),
        reload=Markup(reload),
        libraries=[url for name, url in urls.items() if name not in lazy],
    )
    response = _revalidated(_answer(text.encode(), "text/html"))
    response.headers["Content-Security-Policy"] = _security_policy([import_map, reload])
    return response


@bp.get("/static/<path:name>")
def static(name: str) -> Response:
    """Return one of the page's files as it is now; for everybody."""
    return _revalidated(_file(name))


@bp.get("/static/v/<version>/<path:name>")
def versioned(version: str, name: str) -> Response:
    """Return a file of this version of the page, if it is the one here; for everybody.

    Browsers keep it for good: another version has another address.
    """
    if version != files.version():
        abort(404)
    response = _file(name)
    if name == SERVICE_WORKER:
        response.headers.update(OF_SERVICE_WORKER)
    response.cache_control.public = True
    response.cache_control.max_age = ONE_YEAR_SECONDS
    response.cache_control.immutable = True
    return response


def _file(name: str) -> Response:
    data = files.content(name)
    if data is None:
        abort(404)
    suffix = PurePosixPath(name).suffix
    return _answer(data, CONTENT_TYPES.get(suffix, "text/plain"))


def _answer(data: bytes, content_type: str) -> Response:
    """Return an answer, compressed for who can read that."""
    takes_gzip = bool(request.accept_encodings["gzip"])
    body = files.compressed(data) if takes_gzip else data
    response = Response(body, mimetype=content_type)
    response.vary.add("Accept-Encoding")
    if takes_gzip:
        response.content_encoding = "gzip"
    response.set_etag(sha256(data).hexdigest() + ("-gzip" if takes_gzip else ""))
    return response


def _revalidated(response: Response) -> Response:
    """Let browsers keep an answer, and ask each time whether it is still the same.

    So an upgrade shows at once. The ETag is a hash of the content: all instances of a
    version give the same.
    """
    response.cache_control.no_cache = True
    return response.make_conditional(request)


def _security_policy(scripts: list[str]) -> str:
    policy = dict(current_app.config["CONTENT_SECURITY_POLICY"])
    for script in scripts:
        digest = b64encode(sha256(script.encode()).digest()).decode()
        policy["script-src"] += f" 'sha256-{digest}'"
    return "; ".join(f"{name} {value}" for name, value in policy.items())


def _add_security_headers(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers.setdefault("Content-Security-Policy", NO_DOCUMENT)
    return response
