"""The registry as a readable tree."""

from balancer import Balancer

from mfplatform.commands.etcd_dump import tree_lines


def test_keys_are_indented_under_their_folders() -> None:
    values = {
        "/services/users/upstream/users-1": "127.0.0.1:1",
        "/services/users/location": "/api/users",
        "/services/ui/location": "/",
        "/top": "x",
    }
    assert list(tree_lines(values)) == [
        "/",
        "  services",
        "    ui",
        "      location = /",
        "    users",
        "      location = /api/users",
        "      upstream",
        "        users-1 = 127.0.0.1:1",
        "  top = x",
    ]


def test_a_part_of_the_tree_can_be_shown() -> None:
    assert list(tree_lines({"/a/b/c": "1"}, "/a")) == ["/a", "  b", "    c = 1"]


def test_values_cannot_disturb_the_terminal() -> None:
    lines = list(tree_lines({"/a": "x\x1b[2J\n", "/b": "y" * 100_000}))
    assert lines[1] == "  a = 'x\\x1b[2J\\n'"
    assert len(lines[2]) < 300


def test_the_registry_is_dumped(balancer: Balancer) -> None:
    balancer.put("users/location", "/api/users")
    everything = balancer.run("commands.etcd_dump")
    assert everything.returncode == 0
    assert "  services\n    users\n      location = /api/users\n" in everything.stdout
    part = balancer.run("commands.etcd_dump", "services")
    assert part.stdout == "/services\n  users\n    location = /api/users\n"
    missing = balancer.run("commands.etcd_dump", "/nothing/here")
    assert missing.returncode == 1
    assert "/nothing/here" in missing.stderr
    balancer.etcd.stop()
    away = balancer.run("commands.etcd_dump")
    assert away.returncode == 1
    assert "etcd does not answer" in away.stderr
