"""The parts of the platform: the order in which they start and stop."""

from pathlib import Path

import pytest

from mfplatform.runtime import base
from mfplatform.state import parts
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.parts import PartSpec


def spec(name: str, *needs: str, stops_last: bool = False) -> PartSpec:
    return PartSpec(name, "", lambda _home: True, needs=needs, stops_last=stops_last)


def named(waves: list[list[PartSpec]]) -> list[list[str]]:
    return [[one.name for one in wave] for wave in waves]


A, B, C = spec("a"), spec("b", "a"), spec("c", "a")
D, LAST = spec("d", "b", "c"), spec("last", stops_last=True)
CASES = {
    "nothing needs anything": ([A, spec("x")], [["a", "x"]], [["a", "x"]]),
    "what needs another starts after it": ([B, A], [["a"], ["b"]], [["b"], ["a"]]),
    "what needs the same starts together": (
        [A, B, C, D],
        [["a"], ["b", "c"], ["d"]],
        [["d"], ["b", "c"], ["a"]],
    ),
    "what serves all others stops last": (
        [A, LAST, B],
        [["a", "last"], ["b"]],
        [["b"], ["a"], ["last"]],
    ),
    "no parts at all": ([], [], []),
}


@pytest.mark.parametrize(("specs", "start", "stop"), CASES.values(), ids=CASES)
def test_the_order_follows_from_the_needs(
    specs: list[PartSpec], start: list[list[str]], stop: list[list[str]]
) -> None:
    assert named(parts.start_waves(specs)) == start
    assert named(parts.stop_waves(specs)) == stop


@pytest.mark.parametrize(
    ("specs", "problem"),
    [
        ([spec("a", "b"), spec("b", "a")], "these parts need each other: "),
        ([spec("a", "a")], "these parts need each other: a -> a"),
        ([A, spec("b", "x", "y")], "b needs x, y, which is no part here"),
        ([A, spec("a", "b")], "two parts have the same name"),
    ],
)
def test_an_order_that_cannot_be_is_refused(
    specs: list[PartSpec], problem: str
) -> None:
    with pytest.raises(PlatformError, match=problem):
        parts.start_waves(specs)


def test_a_part_that_is_not_described_cannot_be_chosen() -> None:
    with pytest.raises(PlatformError, match="no part is described as b"):
        parts.chosen(["a", "b"], [A])


@pytest.mark.parametrize("name", base.names())
def test_a_runtime_starts_each_of_its_parts(name: str, tmp_path: Path) -> None:
    waves = named(parts.start_waves(base.create(Home(tmp_path), name).parts()))
    # Not every runtime has these.
    some = ("caretaker", "leases", "prometheus", "status")
    last = [[part for part in wave if part not in some] for wave in waves[-2:]]
    assert last == [["haproxy", "renderer"], ["certificates"]]
    assert {"etcd", "mariadb", "redis"} <= set(waves[0])


def test_each_part_is_started_by_some_runtime(tmp_path: Path) -> None:
    started = {
        part.name
        for name in base.names()
        for part in base.create(Home(tmp_path), name).parts()
    }
    # A runtime may have some of its own.
    assert started >= {part.name for part in parts.SPECS}


@pytest.mark.parametrize("name", base.names())
def test_a_part_that_a_runtime_cannot_run_is_an_error(
    name: str, tmp_path: Path
) -> None:
    runtime = base.create(Home(tmp_path), name)
    with pytest.raises(PlatformError, match="nonsense is not run as a"):
        runtime.start_part(spec("nonsense"))
