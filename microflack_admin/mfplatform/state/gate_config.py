"""What HAProxy is told that stands before etcd as its gate."""

from mfplatform.state.home import ROOT, Home

# The names of the sockets in the folder; the first is what etcd makes of its URL.
ETCD_URL, ETCD_SOCKET = "unix://etcd:0", "etcd:0"
PEER_URL = "unix://peer:0"
CONTROL_SOCKET = "gate.sock"

CONFIGURATION = """\
global
    stats socket unix@./{control} mode 600 level admin
    log stdout format raw local0
    nbthread 1
    maxconn 2000

defaults
    mode http
    log global
    option abortonclose
    # The answer to a watch begins at once, and goes on when something changes.
    option http-no-delay
    timeout connect 2s
    timeout http-request 10s
    # Longer than instances take from one refresh of their keys to the next.
    timeout http-keep-alive 1m
    # Who watches a key waits for as long as nothing changes.
    timeout client 1h
    timeout server 1h

frontend registry
    bind {address}
    # Who, what and the outcome; of what reads only refusals.
    log-format "%[date,ltime('%Y-%m-%d %H:%M:%S')] %[var(txn.user)] %HM %HP %ST"
{member}    # A page of any origin: by its address, or by a name that leads here.
    http-request return status 421 content-type application/json string '{host_error}' \
unless {{ req.hdr(host) -m str {hosts} }}
    http-request return status 403 content-type application/json string '{page_error}' \
if {{ req.hdr(origin) -m found }}
    http-request set-var(txn.user) \
req.hdr(authorization),word(2,\\ ),map_str(./users.map)
    http-request return status 401 content-type application/json string '{user_error}' \
hdr WWW-Authenticate 'Basic realm="registry"' unless {{ var(txn.user) -m found }}
    http-request set-var(txn.verb) str(write)
    http-request set-var(txn.verb) str(read) if {{ method GET HEAD }}
    http-request set-var(txn.path) path
    http-request set-var(txn.ask) \
var(txn.user),concat(:,txn.verb,:),concat(,txn.path,/)
    # No path that means another one: no "..", no "//", nothing percent-encoded.
    acl plain path -m reg ^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+/?$
    acl granted var(txn.ask),map_beg(./rights.map) -m found
    acl root var(txn.user) -m str {root}
    http-request return status 403 content-type application/json \
string '{right_error}' unless root or plain granted
    http-request set-log-level silent if {{ method GET HEAD }}
    http-request set-log-level silent if {{ method PUT }} \
{{ path_reg ^/v2/keys/(\
services/[^/]+/(upstream/[^/]+|locations?(/[^/]+)?|backend/balance)|\
loadbalancers/[^/]+|upgrades/lock)$ }}
    http-request del-header Authorization
    http-response del-header Access-Control-Allow-Origin
    http-response del-header Access-Control-Allow-Methods
    http-response del-header Access-Control-Allow-Headers
    default_backend etcd

backend etcd
    http-request set-header Host etcd
    server etcd unix@./{etcd}
"""
# Where accounts are kept in the registry: a folder that no list of keys shows.
ACCOUNTS = "/_gate"
# Whether there is a leader may everybody know; the accounts are root's alone.
MEMBER = """\
    http-request set-log-level silent if {{ path /health }}
    http-request allow if {{ path /health }} {{ method GET }}
    http-request return status 403 content-type application/json string '{error}' \
if {{ path_beg /v2/keys/_gate }} !{{ req.hdr(authorization),word(2,\\ ),\
map_str(./users.map) -m str {root} }}
"""
# As etcd says it, so that its clients understand.
ERROR = '{{"errorCode":110,"message":"{message}","cause":"{cause}","index":0}}'


def text(home: Home, host: str = "") -> str:
    """Return the gate's configuration; its sockets and maps are where it is.

    :param host: the address at which it listens, if it is one of several: a door asks
        there whether it works, and accounts are kept in the registry itself.
    """
    port = home.settings["ETCD_PORT"]
    own = host or home.host
    hosts = {f"{own}:{port}", f"127.0.0.1:{port}", f"localhost:{port}"}
    return CONFIGURATION.format(
        control=CONTROL_SOCKET,
        etcd=ETCD_SOCKET,
        address=f"{own}:{port}",
        member=MEMBER.format(root=ROOT, error=_right_error()) if host else "",
        hosts=" ".join(sorted(hosts)),
        root=ROOT,
        host_error=_error("The Host header is not known here", "DNS rebinding"),
        page_error=_error("Web pages are not served here", "Origin"),
        user_error=_error(
            "The request requires user authentication", "Insufficient credentials"
        ),
        right_error=_right_error(),
    )


def _right_error() -> str:
    return _error("The account may not do that", "Insufficient permissions")


def _error(message: str, cause: str) -> str:
    return ERROR.format(message=message, cause=cause)


def etcd(_home: Home) -> dict[str, str]:
    """Return the settings of etcd itself."""
    return {
        "ETCD_NAME": "default",
        "ETCD_ENABLE_V2": "true",
        # Sockets in a private folder: nobody reaches it but through the gate.
        "ETCD_LISTEN_CLIENT_URLS": ETCD_URL,
        "ETCD_ADVERTISE_CLIENT_URLS": ETCD_URL,
        "ETCD_LISTEN_PEER_URLS": PEER_URL,
        "ETCD_INITIAL_ADVERTISE_PEER_URLS": PEER_URL,
        "ETCD_INITIAL_CLUSTER": f"default={PEER_URL}",
        # There is nobody else to vote: it need not wait long after a restart.
        "ETCD_HEARTBEAT_INTERVAL": "50",
        "ETCD_ELECTION_TIMEOUT": "250",
        "ETCD_LOGGER": "zap",
        "ETCD_LOG_LEVEL": "warn",
        "ETCD_LOG_OUTPUTS": "stderr",
    }
