"""What is kept when the registry has lost its keys."""

from pathlib import Path

from mfplatform.balancer.registry_cache import (
    GRACE_SECONDS,
    LONG_ABSENCE_SECONDS,
    RegistryCache,
    load,
    save,
    update,
)
from microflack_common.registry import Tree

A, B = "/services/a/location", "/services/b/location"


def after(*trees: tuple[float, Tree]) -> RegistryCache:
    cache = RegistryCache()
    for now, tree in trees:
        cache = update(cache, tree, now)
    return cache


def test_a_removed_key_is_gone_at_once() -> None:
    cache = after((0, Tree(9, 4, {A: "/a", B: "/b"})), (1, Tree(10, 4, {A: "/a"})))
    assert cache.all_values == {A: "/a"}


def test_the_last_removed_key_is_gone_at_once() -> None:
    cache = after((0, Tree(9, 4, {A: "/a"})), (1, Tree(10, 4, {})))
    assert cache.all_values == {}


def test_an_emptied_registry_is_forgiven_for_a_while() -> None:
    full = (0.0, Tree(9, 4, {A: "/a"}))
    empty = Tree(1, None)
    assert after(full, (1, empty)).all_values == {A: "/a"}
    ticks = [(float(n), empty) for n in range(1, int(GRACE_SECONDS) + 2)]
    assert after(full, *ticks[:-1]).all_values == {A: "/a"}
    assert after(full, *ticks).all_values == {}


def test_what_registers_again_is_added_to_what_is_remembered() -> None:
    cache = after(
        (0, Tree(9, 4, {A: "/a", B: "/b"})), (1, Tree(5, 5, {A: "/new", "c": "/c"}))
    )
    assert cache.all_values == {A: "/new", B: "/b", "c": "/c"}


def test_what_registered_again_can_be_removed_again() -> None:
    cache = after(
        (0, Tree(9, 4, {A: "/a", B: "/b"})),
        (1, Tree(5, 5, {A: "/a", "c": "/c"})),
        (2, Tree(6, 5, {"c": "/c"})),
    )
    assert cache.all_values == {B: "/b", "c": "/c"}


def test_other_data_with_the_same_creation_index_is_noticed() -> None:
    cache = after((0, Tree(9, 4, {A: "/a"})), (1, Tree(4, 4, {B: "/b"})))
    assert cache.all_values == {A: "/a", B: "/b"}


def test_keys_that_expired_during_a_long_absence_are_forgiven() -> None:
    full = (0.0, Tree(9, 4, {A: "/a"}))
    later = Tree(12, 4, {})
    assert after(full, (LONG_ABSENCE_SECONDS - 1, later)).all_values == {}
    assert after(full, (LONG_ABSENCE_SECONDS + 1, later)).all_values == {A: "/a"}


def test_a_clock_that_is_set_back_does_not_prolong_the_grace() -> None:
    full = (1000.0, Tree(9, 4, {A: "/a"}))
    cache = after(full, (1001, Tree(1, None)), (10, Tree(1, None)))
    assert cache.all_values == {}


def test_a_second_loss_keeps_what_was_remembered_in_the_first() -> None:
    cache = after(
        (0, Tree(9, 4, {A: "/a"})), (1, Tree(5, 5, {B: "/b"})), (2, Tree(1, None))
    )
    assert cache.all_values == {A: "/a", B: "/b"}


def test_the_cache_outlives_the_process(tmp_path: Path) -> None:
    file = tmp_path / "registry.json"
    save(after((0, Tree(9, 4, {A: "/a"}))), file)
    assert file.stat().st_mode & 0o777 == 0o600
    cache = update(load(file), Tree(1, None), 1)
    assert cache.all_values == {A: "/a"}


def test_an_unreadable_cache_is_an_empty_one(tmp_path: Path) -> None:
    assert load(tmp_path / "missing") == RegistryCache()
    for text in ("", "[]", '{"values": 3}', '{"index": "x", "values": {}}'):
        (tmp_path / "bad").write_text(text)
        assert load(tmp_path / "bad") == RegistryCache()
