"""A platform is known by its folder, not by how the path to it is spelled."""

import json
import shutil
from pathlib import Path

import pytest

from mfplatform.state import identity


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


def test_a_link_and_a_move_lead_to_the_same(home: Path) -> None:
    token = identity.settle(home, "")
    link = home.with_name("link")
    link.symlink_to(home)
    assert identity.token(link) == identity.settle(link, "") == token
    moved = home.rename(home.with_name("moved"))
    assert identity.token(moved) == identity.settle(moved, "") == token


def test_a_copy_is_another_platform(home: Path) -> None:
    token = identity.settle(home, "")
    copy = shutil.copytree(home, home.with_name("copy"))
    assert identity.token(copy) != token
    assert identity.settle(copy, "") != token
    assert identity.token(home) == token


def test_a_copy_in_the_place_of_what_was_moved_is_another_one(home: Path) -> None:
    token = identity.settle(home, "")
    moved = home.rename(home.with_name("moved"))
    shutil.copytree(moved, home)
    assert identity.token(home) != token
    assert identity.settle(home, "") != token
    assert identity.token(moved) == token


def test_what_an_older_release_started_keeps_its_name(home: Path) -> None:
    before = identity.token(home)
    assert identity.settle(home, f"/tmp/microflack-0-{before}") == before
    moved = home.rename(home.with_name("moved"))
    assert identity.token(moved) == before


def test_the_number_of_a_device_may_change_with_a_restart(home: Path) -> None:
    token = identity.settle(home, "")
    file = home / "identity.json"
    record = json.loads(file.read_text())
    file.write_text(json.dumps(record | {"device": record["device"] + 1}))
    assert identity.token(home) == token


@pytest.mark.parametrize("text", ["", "{", "[]", '{"token": "a"}', "null"])
def test_a_torn_record_is_made_anew(home: Path, text: str) -> None:
    (home / "identity.json").write_text(text)
    token = identity.settle(home, "")
    assert identity.token(home) == token
