"""How much the load balancer lets one address ask for, and how large it may be."""

from dataclasses import dataclass

# What services are asked with; HAProxy answers every other method itself.
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Limits:
    """What one address may ask for. The first four are part of the API."""

    # In requests_period: 100 in a second, with bursts of 500.
    requests: int = 500
    requests_period: str = "5s"
    # In a minute: sign-ins that failed, in all and for one nickname, and registrations.
    failures: int = 20
    nickname_failures: int = 10
    registrations: int = 20
    # An office behind one address has some hundred people, each with a few connections.
    connections: int = 1000
    # Connections to a service of which clients stay on one instance: WebSockets.
    held_connections: int = 500
    # A password takes a processor for a while, and a thread of the users service until
    # then. So at a time: sign-ins and changes of users, those of an address of which
    # some have failed, and registrations.
    sign_ins_at_a_time: int = 8
    guesses_at_a_time: int = 2
    guessing_failures: int = 3
    registrations_at_a_time: int = 4
    # Requests of everybody that are at a service, for each of its instances. Above that
    # nobody comes in with a password: eight are at work, and as many wait for them.
    waiting_for_a_service: int = 16
    # A service has eight threads, and each body that is larger than a buffer takes one
    # for as long as it comes.
    uploads_at_a_time: int = 4
    # What HAProxy waits for before a service hears of it.
    buffered_bytes: int = 12_000
    # For everybody. A service takes less of what it knows.
    body_bytes: int = 32 * 1024 * 1024
    # Gunicorn takes a first line of 4094.
    url_characters: int = 4000
