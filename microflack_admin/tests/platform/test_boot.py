"""mfup --boot: the unit that systemd gets, and what happens to it."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from platforms import ADMIN

from mfplatform.commands import boot
from mfplatform.commands.boot_unit import Boot, unit

OURS = Boot(Path("/home/me/mf"), ADMIN, is_system=False)
SYSTEM = replace(OURS, is_system=True)


def values(text: str, key: str) -> list[str]:
    """Return what a unit says of a key, each line of it."""
    lines = text.splitlines()
    return [one.partition("=")[2] for one in lines if one.startswith(f"{key}=")]


def test_a_user_has_it_when_the_session_begins() -> None:
    text = unit(OURS)
    assert values(text, "WantedBy") == ["default.target"]
    assert values(text, "User") == values(text, "After") == []
    assert values(text, "ExecStart")[0].endswith('microflack_admin/bin/mfup"')
    assert values(text, "ExecStop")[0].endswith('microflack_admin/bin/mfdown"')


def test_the_system_has_it_as_whoever_owns_it() -> None:
    text = unit(replace(SYSTEM, user="me", options=("--monolith",)))
    assert values(text, "WantedBy") == ["multi-user.target"]
    assert values(text, "User") == ["me"]
    assert values(text, "ExecStart")[0].endswith('/mfup" --monolith')


@pytest.mark.parametrize(
    ("one", "after", "wants"),
    [
        (SYSTEM, [], []),
        (
            replace(SYSTEM, waits_for_network=True),
            ["network-online.target"],
            ["network-online.target"],
        ),
        (replace(SYSTEM, after=("engine.service",)), ["engine.service"], []),
        # There are no such units in a user's own systemd.
        (replace(OURS, after=("engine.service",), waits_for_network=True), [], []),
    ],
)
def test_it_waits_for_what_it_needs_and_nothing_else(
    one: Boot, after: list[str], wants: list[str]
) -> None:
    assert values(unit(one), "After") == after
    assert values(unit(one), "Wants") == wants


@pytest.mark.parametrize("is_system", [True, False])
def test_systemd_takes_it_whatever_is_in_the_paths(
    tmp_path: Path, is_system: bool
) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd here")
    odd = Boot(
        tmp_path / 'a "b" \\ 100% $HOME ü',
        tmp_path / "c d%n $x",
        is_system,
        options=("--empty",),
        variables=(("WAY", "unix:///run/x y.sock"),),
        waits_for_network=True,
    )
    file = tmp_path / "microflack-test.service"
    file.write_text(unit(odd))
    kind = [] if is_system else ["--user"]
    done = subprocess.run(
        ["systemd-analyze", *kind, "--man=no", "verify", file],
        env=os.environ | {"XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert file.name not in done.stderr


def test_the_same_again_changes_nothing_and_it_is_taken_back(tmp_path: Path) -> None:
    file, told = tmp_path / "user" / "microflack-7.service", list[Sequence[str]]()
    assert boot.switch_on(OURS, file, told.append)
    assert file.read_text() == unit(OURS)
    assert [one[2] for one in told] == ["daemon-reload", "enable", "start"]
    assert not boot.switch_on(OURS, file, told.append)
    assert boot.switch_on(replace(OURS, options=("--empty",)), file, told.append)
    assert boot.switch_off(False, file, told.append)
    assert not file.exists()
    assert [one[2] for one in told[-2:]] == ["disable", "daemon-reload"]
    assert not boot.switch_off(False, file, told.append)
