"""mftest: its parts, and the table that it ends with."""

from pathlib import Path

import pytest
from platforms import Platform

from mftools.testing.summary import main, table

pytest_plugins = ["platform_fixtures"]
REPORT = '<testsuite tests="9" failures="1" errors="1" skipped="2"/>'


def test_parts_are_listed(fresh: Platform) -> None:
    assert fresh.done("mftest", "--list").split() == ["lint", "common", "echo"]


@pytest.mark.parametrize("argument", ["nix", "--fast"])
def test_a_wrong_call_is_refused(fresh: Platform, argument: str) -> None:
    result = fresh.mf("mftest", argument)
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
