"""Refuse a request because of one field of its body."""

from typing import NoReturn

from flask import abort

from microflack_common.errors import error_response
from microflack_users.models import db


def bad_field(field: str, sentence: str) -> NoReturn:
    """End the request with 400, as if the schema had found it; nothing is changed."""
    db.session.rollback()
    text = f"{field}: {sentence}"
    abort(error_response(400, text, fields={field: sentence}))
