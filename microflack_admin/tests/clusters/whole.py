"""What servers say of themselves: whether all are there, and know of each other."""

from collections.abc import Callable, Sequence
from urllib.request import urlopen

import pymysql
import redis
from hosts import Host
from servers import DATABASE, OPERATOR, REDIS, REGISTRY, ROOT_PASSWORD, SENTINEL

from mfplatform.clusters.queue import MASTER

TIMEOUT_SECONDS = 10
# Asks the server at an address whether it is together with those at others.
Look = Callable[[str, list[str]], bool]
AWAY = (OSError, pymysql.MySQLError, redis.RedisError)


def are_together(hosts: Sequence[Host]) -> bool:
    """Tell whether the servers on these hosts are in clusters of them and no others."""
    looks = (_etcd, _redis, _sentinel, _galera)
    addresses = [one.address for one in hosts]
    return all(_says(look, one, addresses) for one in addresses for look in looks)


def execute(host: str, port: int, *statements: str) -> tuple[tuple[str, ...], ...]:
    """Execute statements as root; return the rows of the last one."""
    with (
        pymysql.connect(
            host=host,
            port=port,
            user="root",
            password=ROOT_PASSWORD,
            connect_timeout=TIMEOUT_SECONDS,
            read_timeout=TIMEOUT_SECONDS,
        ) as connection,
        connection.cursor() as cursor,
    ):
        for statement in statements:
            cursor.execute(statement)
        return cursor.fetchall()


def _says(look: Look, address: str, addresses: list[str]) -> bool:
    try:
        return look(address, addresses)
    except AWAY:
        return False


def _galera(address: str, addresses: list[str]) -> bool:
    found = dict(execute(address, DATABASE.clients, "SHOW STATUS LIKE 'wsrep_%'"))
    state = (found["wsrep_local_state_comment"], found["wsrep_cluster_size"])
    return state == ("Synced", str(len(addresses)))


def _redis(address: str, addresses: list[str]) -> bool:
    with redis.Redis(
        address,
        REDIS,
        username=OPERATOR.name,
        password=OPERATOR.password,
        socket_timeout=TIMEOUT_SECONDS,
    ) as client:
        found = client.info("replication")
    if found["role"] == "master":
        return found["min_slaves_good_slaves"] == len(addresses) - 1
    return found["master_link_status"] == "up"


def _sentinel(address: str, addresses: list[str]) -> bool:
    with redis.Redis(address, SENTINEL, socket_timeout=TIMEOUT_SECONDS) as client:
        master = client.sentinel_master(MASTER)
        followers = client.sentinel_slaves(MASTER)
    # A master is replaced by what all have heard of.
    known = {one["ip"] for one in followers if not one["is_sdown"]} | {master["ip"]}
    return known == set(addresses) and master["num-other-sentinels"] == 2


def _etcd(address: str, _addresses: list[str]) -> bool:
    url = f"http://{address}:{REGISTRY.clients}/health"
    with urlopen(url, timeout=TIMEOUT_SECONDS) as answer:
        return b"true" in answer.read()
