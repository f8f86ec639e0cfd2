"""The beginning of the story: one process with everything in it is taken apart.

It is played with what this checkout has, since the first release could not be one
process yet; what comes after it begins from nothing. Here services are named, too.
"""

from dataclasses import dataclass

from mftools.tour.steps import BEARER, JSON, SIGN_IN, Begin, Step

# In the order in which clients begin: each needs what comes before.
ALL = (
    *(Begin.PAGE, Begin.PEOPLE, Begin.SIGN_INS, Begin.MESSAGES, Begin.EVENTS),
    Begin.ROOM,
)
KEYS = "$ETCD/v2/keys/services/monolith"
BEHIND = (
    f'curl -s -X PUT {KEYS}/location -d value="/"',
    f'curl -s -X PUT {KEYS}/upstream/server -d value="127.0.0.1:$MONOLITH_PORT"',
)
# There is more in the answer than there was in the first release's.
TOKEN = f"TOKEN=$({SIGN_IN} | " + r"""sed 's/.*"token": *"\([^"]*\)".*/\1/')"""
AWAY = f'curl -s -X DELETE "{KEYS}?recursive=true"'


@dataclass(frozen=True)
class Scene(Step):
    """A step in which a service is moved out, if it names one."""

    moves: str = ""


def _moving(service: str, lesson: str, look: str, *commands: str) -> Scene:
    title = f"{service} is taken out of the monolith"
    return Scene(f"- {service}", title, lesson, (), look, commands, moves=service)


BEGINNING = Scene(
    "monolith",
    "one process with everything in it, behind the load balancer",
    "Before anything is taken apart, the base has to be there: a load balancer and a "
    "registry. Two keys put the monolith behind them, by hand, as one service that has "
    "all paths. From now on people talk to the load balancer, and do not notice what "
    "stands behind it.",
    (),
    "The chat is there, with all that it can do. The registry holds two keys.",
    ("mfstatus", "etcd-dump /services"),
)
ENDING = Scene(
    "no monolith",
    "what nobody asks any more is removed",
    "One key less. Load balancer processes of before may still hold connections; when "
    "they have ended, nothing can come any more, and the monolith is stopped. Its own "
    "databases stay where they are, beside those of the services.",
    (),
    "All that was written is there: the services have it.",
    ("mfstatus", "curl -s $LB/api/messages?limit=3"),
)
MOVES = (
    _moving(
        "ui",
        "The easiest first: it has no data, so both can serve at the same time. The "
        "longest location wins; since both are at /, the monolith gives way to longer "
        "ones when the service's first instance is there.",
        "The page comes from the service, all it asks for from the monolith.",
        "mfstatus",
        "etcd-dump /services",
    ),
    _moving(
        "users",
        "A service owns its data, so they move with it, and there must never be two "
        "who write. Rows are copied while people go on; then a second server of the "
        "monolith takes over, without this service, and lets those who ask for it "
        "wait; the rest is copied and compared; the first instance answers those who "
        "waited.",
        "Each table was compared: its rows counted, and a hash of them taken.",
        "mfstatus",
        "curl -s $LB/api/users?limit=3",
    ),
    _moving(
        "tokens",
        "Nobody is signed out: a token is verified by its signature, and all have the "
        "same key. The service asks users for passwords, as the monolith does by now: "
        "at the load balancer, like everybody else.",
        "Sign in as somebody new. The people are in one service, sessions in another.",
        "curl -s " + JSON + ' -d \'{"nickname": "ada", "password": "lovelace"}\' '
        "$LB/api/users",
        SIGN_IN,
    ),
    _moving(
        "messages",
        "What is written most, and so what is copied in most rounds. Numbers stay as "
        "they were: whoever has read up to one of them goes on there.",
        "Write something, and read it.",
        TOKEN,
        f"curl -s {BEARER} {JSON} "
        '-d \'{"source": "hello *world*!"}\' $LB/api/messages',
        "curl -s $LB/api/messages?limit=3",
    ),
    _moving(
        "socketio",
        "Connections cannot be moved; they are ended a few at a time, and each client "
        "connects again, to the service, and fetches what it has missed. Events have "
        "gone through the platform's queue all the time, whoever wrote them.",
        "The session's first answer comes from the service.",
        'curl -s "$LB/socket.io/?EIO=4&transport=polling"',
    ),
)
SCENES = (BEGINNING, *MOVES, ENDING)
