"""mftest: its parts, what a change can affect, and the tables that it prints."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from daemons import wait_for
from longest_first import LONGEST_FIRST
from platforms import ADMIN, Platform
from repositories import commit

from mftools.testing import pool
from mftools.testing.changed import ROWS, affected
from mftools.testing.slowest import slowest
from mftools.testing.summary import main, table

pytest_plugins = ["platform_fixtures"]
REPORT = '<testsuite tests="9" failures="1" errors="1" skipped="2"/>'


def test_parts_are_listed(fresh: Platform) -> None:
    assert fresh.done("mftest", "--list").split() == ["lint", "common", "echo"]


def test_places_are_run_when_they_are_named(fresh: Platform) -> None:
    for place in PLACES:
        (fresh.folder / "microflack_admin" / "tests" / place).mkdir(parents=True)
    assert fresh.done("mftest", "--list").split() == ["lint", "common", "echo"]
    shown = fresh.done("mftest", "--list", "echo", "places")
    assert shown.split() == ["echo", *PLACES]


@pytest.mark.parametrize(
    "arguments",
    [["nix"], ["--fast"], ["--jobs", "0"], ["--slowest"], ["lint", "--changed"]],
)
def test_a_wrong_call_is_refused(fresh: Platform, arguments: list[str]) -> None:
    result = fresh.mf("mftest", *arguments)
    assert result.returncode == 2
    assert "Usage: mftest" in result.stderr


def test_all_parts_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "users.xml").write_text(REPORT)
    (tmp_path / "lint.checks").write_text("passed\npassed\n")
    for part in ("users", "lint"):
        (tmp_path / f"{part}.seconds").write_text("3\n")
    assert main([str(tmp_path), "lint", "users"]) == 1
    assert capsys.readouterr().out.split("\n")[-2] == "7 passed, 2 failed, 2 skipped"


def test_a_part_that_never_got_to_its_tests_has_failed(tmp_path: Path) -> None:
    (tmp_path / "users.failed").write_text("")
    (tmp_path / "users.seconds").write_text("0\n")
    lines, total = table(tmp_path, ["users"])
    assert "FAILED" in lines[0]
    assert str(total) == "0 passed, 1 failed"


def test_what_a_change_can_affect_is_listed(fresh: Platform) -> None:
    (fresh.folder / ".gitignore").write_text(".microflack/\n__pycache__/\n")
    commit(fresh.folder, "echo")
    assert fresh.done("mftest", "--changed", "--list") == ""
    (fresh.folder / "microflack_echo" / "new.py").write_text("")
    assert fresh.done("mftest", "--changed", "--list").split() == ["lint", "echo"]
    commit(fresh.folder, "more")
    assert fresh.done("mftest", "--changed", "--list") == ""
    shown = fresh.done("mftest", "--list", "--changed", "HEAD^")
    assert shown.split() == ["lint", "echo"]
    result = fresh.mf("mftest", "--changed", "nowhere")
    assert result.returncode == 1
    assert "git cannot tell what changed" in result.stderr


PARTS = ["lint", "common", "ui", "users", "platform", "runtimes", "skew", "e2e"]
PARTS += ["monolith", "faults", "fuzz", "tour"]
PLACES = ["lambda", "ecs", "swarm", "kubernetes", "clusters"]


@pytest.mark.parametrize(
    ("paths", "parts"),
    [
        ([], ""),
        (
            ["microflack_users/microflack_users/app.py"],
            "lint users skew e2e monolith fuzz",
        ),
        (["microflack_users/tests/test_users.py"], "lint users"),
        (["microflack_ui/tests/visitor.py"], "lint ui runtimes e2e monolith"),
        (["microflack_common/tests/conftest.py"], "lint common"),
        (["microflack_common/microflack_common/http.py"], " ".join(PARTS)),
        (["something new"], " ".join(PARTS)),
        (
            ["microflack_admin/mfplatform/balancer/decide.py"],
            "lint platform e2e monolith faults",
        ),
        (["microflack_admin/mfplatform/runtime/docker/engine.py"], "lint runtimes"),
        (["microflack_admin/mfplatform/runtime/swarm/hosts.py"], "lint swarm"),
        (["microflack_admin/tests/clusters/hosts.py"], "lint clusters"),
        (
            ["microflack_admin/bin/mfup"],
            "lint platform runtimes skew e2e monolith faults fuzz tour",
        ),
        (
            ["README.md", "microflack_users/README.md"],
            "lint platform:test_documents.py,test_guides.py",
        ),
        (
            ["microflack_admin/tests/platform/test_kill.py", "README.md"],
            "lint platform:test_documents.py,test_guides.py,test_kill.py",
        ),
        (
            ["microflack_admin/tests/platform/platforms.py", "README.md"],
            "lint platform runtimes",
        ),
        (["microflack_admin/install/lambda/template.yaml"], "lint lambda"),
        (
            ["microflack_admin/install/ecs/service.yaml"],
            "lint ecs platform:test_ecs_templates.py",
        ),
        (
            ["microflack_admin/install/kubernetes/deploy", "microflack_ui/service.env"],
            "lint ui skew e2e monolith fuzz kubernetes platform:test_kuber*.py",
        ),
        (
            ["microflack_admin/mftools/bench/load.py"],
            "lint tour platform:test_bench*.py",
        ),
    ],
)
def test_a_change_runs_what_it_can_affect(paths: list[str], parts: str) -> None:
    assert affected(paths, [*PARTS, *PLACES]) == parts.split()


def test_the_table_of_changes_names_what_there_is() -> None:
    for form, *words in ROWS:
        beginning = form.split("*")[0]
        assert list(ADMIN.parent.glob(f"{beginning}*")), form
        for word in words:
            part, _, file = word.partition(":")
            assert part in (*PARTS, *PLACES, "*", "{service}"), form
            if file and file != "{file}":
                assert list((ADMIN / "tests" / part).glob(file)), form


def test_the_slowest_tests_and_setups_come_first(tmp_path: Path) -> None:
    (tmp_path / "users.xml").write_text(
        '<testsuites><testsuite><testcase classname="a" name="b" time="3.5">'
        '<properties><property name="setup" value="2.0"/></properties></testcase>'
        '<testcase classname="a" name="c" time="9"/></testsuite></testsuites>'
    )
    shown = [str(one).split() for one in slowest(tmp_path, 3)]
    assert shown == [
        ["9.0", "s", "test", "users", "a::c"],
        ["2.0", "s", "setup", "users", "a::b"],
        ["1.5", "s", "test", "users", "a::b"],
    ]


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Return a program that is a part of the tests, so to speak."""
    program = tmp_path / "program"
    program.write_text(
        "#!/bin/sh\n"
        "trap 'touch $MF_RESULTS/cleaned; exit 1' INT\n"
        "echo $1 begins; touch $MF_RESULTS/$1.began\n"
        "case $1 in\n"
        "bad) exit 3 ;;\n"
        "first) until [ -e $MF_RESULTS/second.began ]; do sleep 0.05; done ;;\n"
        "endless) while :; do sleep 0.05; done ;;\n"
        "esac\necho $1 ends $2\n"
    )
    program.chmod(0o755)
    return program


def begin(tmp_path: Path, *arguments: str | Path) -> subprocess.Popen[str]:
    """Run parts in a pool."""
    return subprocess.Popen(
        [sys.executable, "-m", "mftools.testing.pool", *arguments],
        env=os.environ | {"MF_RESULTS": str(tmp_path), "PYTHONPATH": str(ADMIN)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_parts_run_beside_each_other_and_are_shown_whole(
    tmp_path: Path, program: Path
) -> None:
    process = begin(tmp_path, "2", program, "first", "second", "bad", "--", "-x")
    _, shown = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "== first\nfirst begins\nfirst ends -x\n" in shown
    assert "== second\nsecond begins\nsecond ends -x\n" in shown
    assert [path.name for path in tmp_path.glob("*.failed")] == ["bad.failed"]
    assert len(list(tmp_path.glob("*.seconds"))) == 3


def test_one_part_is_shown_as_it_comes(tmp_path: Path, program: Path) -> None:
    process = begin(tmp_path, "3", program, "endless")
    assert process.stdout is not None
    assert process.stdout.readline() == "endless begins\n"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_is_interrupted_ends_all_parts(
    tmp_path: Path, program: Path, number: signal.Signals
) -> None:
    process = begin(tmp_path, "2", program, "endless", "other", "more")
    wait_for((tmp_path / "endless.began").exists)
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert (tmp_path / "cleaned").exists()


def test_what_takes_longest_begins_first() -> None:
    parts = ["lint", "tokens", "skew", "platform:test_up.py"]
    assert pool.in_order(parts) == ["platform:test_up.py", "skew", "lint", "tokens"]


@pytest.mark.parametrize("module", LONGEST_FIRST)
def test_files_that_begin_first_are_there(module: str) -> None:
    assert Path(__file__).with_name(f"{module}.py").exists()
