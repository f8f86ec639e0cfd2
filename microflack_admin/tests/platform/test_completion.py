"""What a shell offers after the first letters of a command's words."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ADMIN = Path(__file__).parents[2]
ASK = """
source {admin}/mfvars
COMP_WORDS=({words}) COMP_CWORD={last}
_mf_complete
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
SHELLS = {"bash": ["bash", "--norc", "-i", "-c"], "zsh": ["zsh", "-f", "-i", "-c"]}


@pytest.fixture(params=sorted(SHELLS))
def shell(request: pytest.FixtureRequest) -> list[str]:
    if shutil.which(request.param) is None:
        pytest.skip(f"there is no {request.param} here")
    return SHELLS[request.param]


def offered(shell: list[str], home: Path, *words: str) -> list[str]:
    text = " ".join(f"'{word}'" for word in words)
    # zsh counts the words of a line from 1.
    setup = "setopt ksharrays\n" if shell[0] == "zsh" else ""
    asked = setup + ASK.format(admin=ADMIN, words=text, last=len(words) - 1)
    done = subprocess.run(
        [*shell, asked],
        env=os.environ | {"MF_HOME": str(home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["mfrun", "u"], ["ui", "users"]),
        (["mfupgrade", "ro"], ["roll", "rollback"]),
        (["mfstatus", "--"], ["--help", "--json", "--test-hook", "--why"]),
        (["mfdev", "s"], ["socketio", "start", "stop"]),
        (["mfkill", "users-"], ["users-1", "users-2"]),
        (["mfkill", "al"], ["all"]),
        (["mfrun", "users", "7"], ["7"]),
        (["mfdown", "x"], []),
    ],
)
def test_words_are_offered(
    shell: list[str], tmp_path: Path, words: list[str], expected: list[str]
) -> None:
    for name in ("instances/users-1", "instances/users-2", "images/users/tags/7"):
        (tmp_path / name).mkdir(parents=True)
    assert offered(shell, tmp_path, *words) == expected


def test_aliases_of_the_one_who_types_change_nothing(
    shell: list[str], tmp_path: Path
) -> None:
    (tmp_path / "instances" / "users-1").mkdir(parents=True)
    odd = "alias ls='ls -F' grep='grep -n' sed='sed -s -n'\n"
    own = [*shell[:-1], "-c"]
    asked = ASK.format(admin=ADMIN, words="mfkill users-", last=1)
    setup = "setopt ksharrays\n" if shell[0] == "zsh" else ""
    done = subprocess.run(
        [*own, f"{odd}{setup}{asked}"],
        env=os.environ | {"MF_HOME": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["users-1"], done.stderr


def test_every_command_is_completed(shell: list[str], tmp_path: Path) -> None:
    for command in sorted((ADMIN / "bin").iterdir()):
        assert offered(shell, tmp_path, command.name, "-"), command.name
