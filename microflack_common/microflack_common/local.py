"""What takes the place of the platform's servers where one process is all there is.

``local:`` stands where otherwise the address of a server does: ``ETCD=local:FILE`` is
a registry in this process, kept in a file of SQLite; ``REDIS=local:`` is a queue in
this process, which stores nothing; ``LB=local:`` calls the applications that this
process serves. Whoever starts a service says so: nothing is guessed.
"""

SCHEME = "local:"


def is_local(address: str) -> bool:
    """Say whether an address means this process itself."""
    return address.startswith(SCHEME)
