"""Colours where a terminal is, and nowhere else."""

import json
import os
import pty
import re
import subprocess
from pathlib import Path

import pytest
from platforms import Platform

from mfplatform.state import colours

pytest_plugins = ["platform_fixtures"]
ESCAPE = "\x1b["
RED, GREEN = "\x1b[1;31m", "\x1b[32m"


def on_terminal(platform: Platform, *command: str, **extra: str) -> str:
    """Return what a person sees whose terminal the command is called in."""
    seen, terminal = pty.openpty()
    settings = {"TERM": "xterm", "NO_COLOR": "", "CLICOLOR_FORCE": ""} | extra
    name, *arguments = command
    process = subprocess.Popen(
        [platform.folder / "microflack_admin" / "bin" / name, *arguments],
        env=platform.environment(**settings),
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    shown = b""
    try:
        while piece := os.read(seen, 65536):
            shown += piece
    except OSError:
        # What a terminal says when nobody has it open any more.
        pass
    finally:
        os.close(seen)
        process.wait()
    return shown.decode().replace("\r\n", "\n")


def without_colours(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def test_states_have_colours_and_stand_where_they_stood(platform: Platform) -> None:
    shown = on_terminal(platform, "mfstatus")
    assert f"{GREEN}running\x1b[0m" in shown and f"{GREEN}ready\x1b[0m" in shown
    heading, *rows = without_colours(shown).split("\n\n")[-1].splitlines()
    assert all(row[heading.index("ADDRESS") :].startswith("127.0.0.1") for row in rows)


def test_errors_of_bash_and_python_begin_with_a_name_that_stands_out(
    platform: Platform,
) -> None:
    for command, name in (
        (("mfrun",), "mfrun:"),
        (("mfrun", "echo", "none"), "mfrun:"),
        (("mfstatus", "--all"), "mfstatus:"),
    ):
        assert on_terminal(platform, *command).startswith(f"{RED}{name}\x1b[0m ")


@pytest.mark.parametrize(
    "settings",
    [{"NO_COLOR": "1", "CLICOLOR_FORCE": "1"}, {"TERM": "dumb"}, {"TERM": ""}],
)
def test_there_are_none_where_nobody_wants_them(
    platform: Platform, settings: dict[str, str]
) -> None:
    for command in (("mfstatus",), ("mfrun", "echo", "none")):
        assert ESCAPE not in on_terminal(platform, *command, **settings)


def test_there_are_none_in_pipes_unless_forced(platform: Platform) -> None:
    for command in (("mfstatus",), ("mfrun", "echo", "none"), ("mfrun",)):
        result = platform.mf(*command, TERM="xterm")
        assert ESCAPE not in result.stdout + result.stderr
    assert GREEN in platform.done("mfstatus", TERM="xterm", CLICOLOR_FORCE="1")


def test_what_programs_read_has_none(platform: Platform) -> None:
    shown = on_terminal(platform, "mfstatus", "--json", CLICOLOR_FORCE="1")
    assert json.loads(shown)["running"]


def test_a_stream_that_is_no_terminal_gets_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open(tmp_path / "file", "w") as file:
        for setting, wanted in (("auto", False), ("never", False), ("always", True)):
            monkeypatch.setenv(colours.SETTING, setting)
            assert colours.are_wanted(file) is wanted
