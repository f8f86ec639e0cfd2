"""Where a request comes from."""

from ipaddress import ip_address

from flask import Request

# The load balancer writes the client's address there, whatever the client sends.
ADDRESS_HEADER = "X-Forwarded-For"


def client_address(request: Request) -> str:
    """Return the address of the client: what the load balancer says, or the peer's.

    That is the last one in the header: those before it came with the request, and may
    be anything.
    """
    last = request.headers.get(ADDRESS_HEADER, "").rpartition(",")[2].strip()
    try:
        return str(ip_address(last))
    except ValueError:
        return request.remote_addr or ""
