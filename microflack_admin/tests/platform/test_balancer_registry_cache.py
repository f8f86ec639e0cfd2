"""What the renderer keeps when the registry forgets."""

from pathlib import Path

from mfplatform.balancer.registry_cache import (
    GRACE,
    LONG_ABSENCE,
    Memory,
    load,
    observe,
    save,
)
from microflack_common.registry import Tree

A, B = "/services/a/location", "/services/b/location"


def after(*trees: tuple[float, Tree]) -> Memory:
    memory = Memory()
    for now, tree in trees:
        memory = observe(memory, tree, now)
    return memory


def test_a_removed_key_is_gone_at_once() -> None:
    memory = after((0, Tree(9, 4, {A: "/a", B: "/b"})), (1, Tree(10, 4, {A: "/a"})))
    assert memory.all_values == {A: "/a"}


def test_the_last_removed_key_is_gone_at_once() -> None:
    memory = after((0, Tree(9, 4, {A: "/a"})), (1, Tree(10, 4, {})))
    assert memory.all_values == {}


def test_an_emptied_registry_is_forgiven_for_a_while() -> None:
    full = (0.0, Tree(9, 4, {A: "/a"}))
    empty = Tree(1, None)
    assert after(full, (1, empty)).all_values == {A: "/a"}
    ticks = [(float(n), empty) for n in range(1, int(GRACE) + 2)]
    assert after(full, *ticks[:-1]).all_values == {A: "/a"}
    assert after(full, *ticks).all_values == {}


def test_what_registers_again_is_added_to_what_is_remembered() -> None:
    memory = after(
        (0, Tree(9, 4, {A: "/a", B: "/b"})), (1, Tree(5, 5, {A: "/new", "c": "/c"}))
    )
    assert memory.all_values == {A: "/new", B: "/b", "c": "/c"}


def test_what_registered_again_can_be_removed_again() -> None:
    memory = after(
        (0, Tree(9, 4, {A: "/a", B: "/b"})),
        (1, Tree(5, 5, {A: "/a", "c": "/c"})),
        (2, Tree(6, 5, {"c": "/c"})),
    )
    assert memory.all_values == {B: "/b", "c": "/c"}


def test_other_data_with_the_same_creation_index_is_noticed() -> None:
    memory = after((0, Tree(9, 4, {A: "/a"})), (1, Tree(4, 4, {B: "/b"})))
    assert memory.all_values == {A: "/a", B: "/b"}


def test_keys_that_expired_during_a_long_absence_are_forgiven() -> None:
    full = (0.0, Tree(9, 4, {A: "/a"}))
    later = Tree(12, 4, {})
    assert after(full, (LONG_ABSENCE - 1, later)).all_values == {}
    assert after(full, (LONG_ABSENCE + 1, later)).all_values == {A: "/a"}


def test_a_clock_that_is_set_back_does_not_prolong_the_patience() -> None:
    full = (1000.0, Tree(9, 4, {A: "/a"}))
    memory = after(full, (1001, Tree(1, None)), (10, Tree(1, None)))
    assert memory.all_values == {}


def test_a_second_loss_keeps_what_was_remembered_in_the_first() -> None:
    memory = after(
        (0, Tree(9, 4, {A: "/a"})), (1, Tree(5, 5, {B: "/b"})), (2, Tree(1, None))
    )
    assert memory.all_values == {A: "/a", B: "/b"}


def test_the_memory_outlives_the_process(tmp_path: Path) -> None:
    file = tmp_path / "registry.json"
    save(after((0, Tree(9, 4, {A: "/a"}))), file)
    assert file.stat().st_mode & 0o777 == 0o600
    memory = observe(load(file), Tree(1, None), 1)
    assert memory.all_values == {A: "/a"}


def test_an_unreadable_memory_is_an_empty_one(tmp_path: Path) -> None:
    assert load(tmp_path / "missing") == Memory()
    for text in ("", "[]", '{"values": 3}', '{"index": "x", "values": {}}'):
        (tmp_path / "bad").write_text(text)
        assert load(tmp_path / "bad") == Memory()
