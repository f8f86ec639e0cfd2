"""What servers of clusters are told. That it works is tested in the part "clusters"."""

import subprocess
from pathlib import Path

from mfplatform.clusters import doors, galera
from mfplatform.clusters.doors import Way
from mfplatform.clusters.members import Member
from mfplatform.clusters.queue import Operator

HOSTS = [Member(f"host{number}", f"127.0.0.{number}") for number in (1, 2, 3)]
UUID = "e4f656c2-ecf2-11f1-96a9-a2ad1748a140"


def test_haproxy_takes_the_configuration_of_a_door(tmp_path: Path) -> None:
    ways = [Way("127.0.0.1:19001", 3306), Way("127.0.0.1:19002", 6379)]
    ways.append(Way("127.0.0.1:19003,127.0.0.2:19003", 2379))
    who = Operator("root", "secret")
    text = doors.configuration(HOSTS[1], HOSTS, 1024, *ways, who, "./door.sock")
    (tmp_path / "door.cfg").write_text(text)
    command = ["haproxy", "-c", "-f", "door.cfg"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_node_that_knows_where_its_data_ends_says_so() -> None:
    log = f"0 [Note] WSREP: Recovered position: {UUID}:1986\n"
    assert galera.start_arguments(log, False) == [f"--wsrep-start-position={UUID}:1986"]
    # Data that was never in a cluster.
    unknown = "WSREP: Recovered position: 00000000-0000-0000-0000-000000000000:-1\n"
    assert galera.start_arguments(unknown, True) == ["--wsrep-new-cluster"]
    assert galera.start_arguments("", False) == []
