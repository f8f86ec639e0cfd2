"""Give an application all that files need."""

from apiflask import APIFlask

from microflack_common import uploads
from microflack_messages.files import removal, routes, stores, transfers
from microflack_messages.files.receive import MAX_BODY_BYTES


def init_app(app: APIFlask) -> None:
    """Have ``app`` take files and give them out."""
    stores.init_app(app)
    transfers.init_app(app)
    removal.init_app(app)
    app.register_blueprint(routes.files)
    uploads.accept(app, "files.upload", MAX_BODY_BYTES)
