"""The steps of the story: what is released in each, and what it teaches.

This is the one place where the platform names services: it is the talk's history, told
in its order. Whatever plays it knows a release by its name and number only.
"""

from dataclasses import dataclass
from enum import Enum


class Begin(Enum):
    """What clients begin to do, as it is told."""

    PAGE = "clients load the page"
    PEOPLE = "people sign up and look each other up"
    SIGN_INS = "people sign in"
    MESSAGES = "people write messages and read them"
    EVENTS = "Socket.IO clients listen"
    ROOM = "three of them talk in a private room, and send files"


@dataclass(frozen=True)
class Release:
    """A release of a service; ``begins`` is what clients do once it runs."""

    service: str
    number: str
    begins: Begin | None = None

    def __str__(self) -> str:
        """Return it as people say it."""
        return f"{self.service} {self.number}"


@dataclass(frozen=True)
class Step:
    """One step: its releases in the order in which they come.

    ``lesson`` is what it teaches, ``look`` what is worth looking at, and ``commands``
    are some to try in a shell that has sourced mfvars. ``begins`` is what clients do
    once all its releases run.
    """

    name: str
    title: str
    lesson: str
    releases: tuple[Release, ...]
    look: str = ""
    commands: tuple[str, ...] = ()
    begins: Begin | None = None


# What several steps try.
JSON = "-H 'Content-Type: application/json'"
SIGN_IN = "curl -s -u ada:lovelace -X POST $LB/api/tokens"
TOKEN = f"TOKEN=$({SIGN_IN} | cut -d '\"' -f 4)"
BEARER = '-H "Authorization: Bearer $TOKEN"'

STEPS = (
    Step(
        "v0.1",
        "just the page",
        "A service is a small web application. An instance writes its address into the "
        "registry once it is ready, the load balancer follows the registry, and nobody "
        "edits a list of servers. What the page asks for is not there yet: it gets "
        "answers of 404, and copes.",
        (Release("ui", "1", Begin.PAGE),),
        "The page says what it misses. The registry holds all that the load balancer "
        "knows.",
        ("etcd-dump /services", "curl -si $LB/api/users"),
    ),
    Step(
        "v0.2",
        "people have accounts",
        "Each service that keeps something has a database of its own, with a user of "
        "its own: mfrun makes both, the first instance makes the tables. No other "
        "service may read them; who wants to know asks the API.",
        (Release("users", "1", Begin.PEOPLE),),
        "Sign somebody up, here or on the page. Two instances answer in turn.",
        (
            f"curl -s {JSON} "
            '-d \'{"nickname": "ada", "password": "lovelace"}\' $LB/api/users',
            "curl -s $LB/api/users | tail -c 400",
            "mflogs users | tail -n 5",
        ),
    ),
    Step(
        "v0.3",
        "people sign in",
        "This one stores nothing. It asks users, through the load balancer like "
        "anybody else, whether a password is right, and signs a JSON Web Token. Every "
        "service can verify that by itself, with a secret they share.",
        (Release("tokens", "1", Begin.SIGN_INS),),
        "Sign in on the page, or here: the part between the dots is readable, and "
        "cannot be changed unnoticed.",
        (SIGN_IN,),
    ),
    Step(
        "v0.4",
        "messages, rendered while the client waits",
        "With this the chat works, for people who ask every few seconds. A message is "
        "committed first; then the pages it links to are fetched, and only then the "
        "answer goes out. One slow page holds up who wrote the link.",
        (Release("messages", "1", Begin.MESSAGES),),
        "Chat on the page. Post a link to a slow page, and see how long it takes.",
        (
            TOKEN,
            f"curl -s {BEARER} {JSON} "
            '-d \'{"source": "hello *world*!"}\' $LB/api/messages',
            "curl -s $LB/api/messages?limit=3",
        ),
    ),
    Step(
        "v0.5",
        "messages are rendered in the background",
        "The first upgrade of something in use. A few threads fetch the pages now, "
        "after the answer. Old and new instances run side by side for a while, on the "
        "same tables: each new one gets requests before an old one is drained and "
        "stopped. That takes longer when a service has only just come: HAProxy has "
        "loaded a new configuration for it, and connections that were open before are "
        "served as before until they end.",
        (Release("messages", "2"),),
        "Post the same link again: the answer is there at once, its card a moment "
        "later. The history of upgrades is kept in the registry.",
        ("mfstatus", "mfupgrade history messages"),
    ),
    Step(
        "v0.6",
        "tokens can be revoked",
        "A signed token is good until it expires, unless all services know better. The "
        "revoked ones stand in the registry, and each service has that list in memory, "
        "by a watch in the shared wheel (common 0.2). Three upgrades, one after the "
        "other: who writes the list comes first, and tokens of old releases stay good.",
        (Release("tokens", "2"), Release("users", "2"), Release("messages", "3")),
        "Revoke a token and use it again: the last answer is 401.",
        (
            TOKEN,
            f"curl -si {BEARER} -X DELETE $LB/api/tokens",
            f"curl -si {BEARER} $LB/api/tokens",
            "etcd-dump /revoked-tokens",
        ),
    ),
    Step(
        "v1.0",
        "live, by Socket.IO",
        "The order is what matters. First comes who hands changes on, then those who "
        "push them into the queue (common 0.3), and the page listens last. After each "
        "of these upgrades the chat works, for old pages as well.",
        (
            Release("socketio", "1"),
            Release("users", "3"),
            Release("messages", "4", Begin.EVENTS),
            Release("ui", "2"),
        ),
        "Load the page anew, in two browsers: what is written in one is in the other "
        "at once. The session's first answer names the way up to a WebSocket.",
        (
            'curl -s "$LB/socket.io/?EIO=4&transport=polling"',
            "mflogs socketio | tail -n 5",
        ),
    ),
)

# All that has been released since; the releases are found in the history.
TODAY = Step(
    "today",
    "what has been released since",
    "The same again, as it goes on: each service is taken to its newest release, and "
    "what was written at the beginning of the story is still there.",
    (),
    "What is new stands in CHANGELOG.md. Every way back is one command.",
    ("mfupgrade history",),
    Begin.ROOM,
)
