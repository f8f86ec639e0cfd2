"""Where a request comes from."""

from ipaddress import ip_address

from flask import Request


def client_address(request: Request) -> str:
    """Return the address of the client: what the load balancer says, or the peer's.

    That is the last one in X-Forwarded-For: those before it came with the request, and
    may be anything.
    """
    last = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        return str(ip_address(last))
    except ValueError:
        return request.remote_addr or ""
