"""Redis with Sentinel: one is written to, two follow, and one takes its place.

A commit of the database is never in the queue alone, so what the last moment of a
master loses is published again, or fetched. References: the Redis documentation, "High
availability with Redis Sentinel" and "Replication"; redis.conf.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mfplatform.clusters.members import Member

# What the master is called among the sentinels.
MASTER = "microflack"
# It is gone when so many of them have not heard of it for so long.
QUORUM, DOWN_AFTER_MS = 2, 2000
# What an attempt to replace it may take, before another sentinel makes one.
FAILOVER_TIMEOUT_MS = 10_000
# A master whose followers are all silent so long is one that the others have left: it
# takes nothing more.
SILENCE_SECONDS = 5

REDIS = """\
{files}
bind {address}
port {port}
protected-mode no
# It stores nothing: what is in it can be told again.
save ""
appendonly no
replica-announce-ip {address}
replica-announce-port {port}
repl-diskless-sync yes
repl-diskless-sync-delay 0
repl-ping-replica-period 1
repl-timeout 10
min-replicas-to-write 1
min-replicas-max-lag {silence}
masteruser {user}
masterauth {password}
{follows}"""

SENTINEL = """\
{files}
bind {address}
port {port}
protected-mode no
{own_password}sentinel announce-ip {address}
sentinel announce-port {port}
sentinel monitor {name} {master} {master_port} {quorum}
sentinel auth-user {name} {user}
sentinel auth-pass {name} {password}
sentinel down-after-milliseconds {name} {down_after}
sentinel failover-timeout {name} {failover_timeout}
sentinel parallel-syncs {name} 2
"""


@dataclass(frozen=True)
class Operator:
    """An account of Redis that may do everything: members know each other by it.

    :param password: letters and digits.
    """

    name: str
    password: str


def redis(
    own: Member,
    master: Member,
    port: int,
    operator: Operator,
    files: Mapping[str, Path | str],
) -> str:
    """Return the configuration of a Redis. It rewrites the file: write it once only.

    :param master: who is followed at the first start; ``own`` follows nobody.
    :param files: what it is told of its own, by the names of its directives: ``dir``,
        ``aclfile`` (which has the operator) and such.
    """
    is_master = own == master
    return REDIS.format(
        files=_directives(files),
        address=own.address,
        port=port,
        silence=SILENCE_SECONDS,
        user=operator.name,
        password=operator.password,
        follows="" if is_master else f"replicaof {master.address} {port}\n",
    )


def sentinel(
    own: Member,
    master: Member,
    port: int,
    redis_port: int,
    operator: Operator,
    files: Mapping[str, Path | str],
    password: str = "",
) -> str:
    """Return the configuration of a sentinel. It rewrites the file: write it once only.

    It finds the followers and the other sentinels by the master.

    :param files: what it is told of its own, by the names of its directives: ``dir``
        and such.
    :param password: what sentinels want to hear of each other and of who asks them.
    """
    return SENTINEL.format(
        files=_directives(files),
        address=own.address,
        port=port,
        own_password=f"requirepass {password}\n" if password else "",
        name=MASTER,
        master=master.address,
        master_port=redis_port,
        quorum=QUORUM,
        user=operator.name,
        password=operator.password,
        down_after=DOWN_AFTER_MS,
        failover_timeout=FAILOVER_TIMEOUT_MS,
    )


def _directives(files: Mapping[str, Path | str]) -> str:
    return "\n".join(f'{name} "{value}"' for name, value in files.items())
