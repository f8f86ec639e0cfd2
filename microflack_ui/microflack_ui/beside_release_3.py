"""What pages of release 3 need while this release is served beside it.

They name their modules without a version, and must not get ours. Release 5 deletes
this file.
"""

from flask import Response, redirect, request


def elsewhere() -> Response | None:
    """Send a browser that looks for a module of release 3 on to another instance.

    Our own page never asks for modules without a version, and programs do not say what
    they want a file for. The address stays the same: the load balancer takes instances
    by turns, and a browser tries up to 20 times.
    """
    if request.headers.get("Sec-Fetch-Dest") != "script":
        return None
    response = redirect(request.path, 307)
    response.headers["Cache-Control"] = "no-store"
    return response
