"""The cookie in which a browser keeps a refresh token, out of reach of any script.

It is sent to this service only, and never from another site (RFC 6265bis, SameSite). A
browser also says from which page a request comes: from another one it is refused.
"""

from urllib.parse import urlsplit

from flask import Request, Response

NAME = "microflack_session"
PATH = "/api/tokens"
# Who signs in or renews with this header wants the cookie and not the refresh token.
HEADER = "X-Session"


def read(request: Request) -> str | None:
    """Return the refresh token that the client keeps; None if it keeps none."""
    return request.cookies.get(NAME) or None


def is_wanted(request: Request) -> bool:
    """Say whether the client asks for the cookie."""
    return request.headers.get(HEADER, "").lower() == "cookie"


def store(request: Request, response: Response, refresh_token: str, age: int) -> None:
    """Have the client keep a refresh token for ``age`` seconds."""
    response.set_cookie(
        NAME,
        refresh_token,
        max_age=age,
        path=PATH,
        secure=_is_encrypted(request),
        httponly=True,
        samesite="Strict",
    )


def clear(request: Request, response: Response) -> None:
    """Have the client forget its refresh token, if it has one."""
    if NAME in request.cookies:
        store(request, response, "", 0)


def is_of_this_site(request: Request) -> bool:
    """Say whether a page of this site sends the request, or no page at all."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in _OURS:
        return False
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    schemes = {"https"} if _is_encrypted(request) else {"http", "https"}
    return parts.scheme in schemes and parts.netloc.lower() == request.host.lower()


# "none" is what a person does who types the address.
_OURS = ("same-origin", "none")


def _is_encrypted(request: Request) -> bool:
    # The load balancer says how the client reached it.
    return request.headers.get("X-Forwarded-Proto", request.scheme) == "https"
