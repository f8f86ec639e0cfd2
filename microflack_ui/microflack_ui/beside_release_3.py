"""What pages of release 3 need while this release is served beside it.

They name their modules without a version, and must not get ours. Release 5 deletes
this file.
"""

from flask import Response, redirect, request, url_for

# A browser gives up after 20; before that, whoever asks is answered.
MAX_TRIES = 19


def elsewhere() -> Response | None:
    """Send a browser that looks for a module of release 3 on to another instance.

    Our own page never asks for modules without a version, and programs do not say what
    they want a file for. The path stays the same, and the load balancer takes instances
    by turns. None if the file here is to be the answer.
    """
    tries = request.args.get("tries", 0, type=int)
    if request.headers.get("Sec-Fetch-Dest") != "script" or tries >= MAX_TRIES:
        return None
    again = dict(request.view_args or {}, tries=tries + 1)
    response = redirect(url_for(str(request.endpoint), **again), 307)
    response.headers["Cache-Control"] = "no-store"
    return response
