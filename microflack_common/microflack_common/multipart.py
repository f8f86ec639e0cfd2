"""Read the one file that an endpoint is sent, onto the disk.

What such a body may have is said by ``uploads``. Source: RFC 7578.
"""

import io
from collections.abc import Callable
from typing import IO

from flask import abort, request
from werkzeug.datastructures import FileStorage
from werkzeug.formparser import FormDataParser

from microflack_common import uploads
from microflack_common.errors import error_response

MAX_PARTS = 10
# Of parts that are no files, and are of no use here; the parser's buffer is in it, too.
MAX_TEXT_BYTES = 500_000


def read_part(
    name: str, max_bytes: int, new_file: Callable[..., IO[bytes]]
) -> FileStorage:
    """Return the part of this name, which is on the disk; memory has little of it.

    Ends the request with 400 or 413 for what is no file, empty, or too large.

    :param new_file: makes a file on the disk, whatever it is given.
    """
    upload = uploads.of_request()
    parser = FormDataParser(
        stream_factory=new_file,
        max_form_memory_size=MAX_TEXT_BYTES,
        max_content_length=upload.max_bytes if upload else max_bytes,
        max_form_parts=MAX_PARTS,
    )
    _, _, parts = parser.parse(
        request.stream,
        request.mimetype,
        request.content_length,
        request.mimetype_params,
    )
    found = parts.getlist(name)
    if len(found) != 1:
        abort(400, f"{name}: One file is needed, with its name.")
    size = size_of(found[0].stream)
    if not size:
        abort(400, f"{name}: It is empty.")
    if size > max_bytes:
        sentence = f"{name}: It is too large: at most {max_bytes} bytes."
        abort(error_response(413, sentence))
    return found[0]


def size_of(file: IO[bytes]) -> int:
    """Return how many bytes a file has, and have it read from its beginning."""
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    return size
