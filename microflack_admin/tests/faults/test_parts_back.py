"""With a caretaker every part of the platform comes back by itself, after anything."""

import json
import os
import signal
import threading
from contextlib import suppress
from time import monotonic

import pytest
from conftest import PARTS

from mfplatform.state import process_tree

# It takes seconds; a machine that does much else besides takes longer.
BACK_TIMEOUT = 300
LOOK_SECONDS = 0.2


@pytest.fixture
def kept(platform):
    """Return the platform with a caretaker and the page for operators."""
    told = {"MF_CARETAKER": "on", "MF_STATUS": "on"}
    platform.environ |= told
    platform.run("mfup")
    yield platform
    platform.environ |= dict.fromkeys(told, "off")
    platform.run("mfup")


def parts(platform):
    """Return the process of each part that works."""
    status = json.loads(platform.run("mfstatus", "--json").stdout)
    return {
        one["name"]: one["pid"] for one in status["parts"] if one["state"] == "running"
    }


def wait_for(condition):
    end = monotonic() + BACK_TIMEOUT
    while not condition():
        assert monotonic() < end, "not all is back"
        threading.Event().wait(LOOK_SECONDS)


def test_all_parts_that_stand_still_or_are_killed_are_back(kept, crowd):
    before = parts(kept)
    assert {*PARTS, "logs", "caretaker", "status"} == set(before)
    with crowd.busy(writers=1, readers=1):
        # Also who brings the others back.
        for pid in before.values():
            process_tree.send(pid, signal.SIGSTOP)
        wait_for(lambda: not any(map(process_tree.stands_still, before.values())))
        crowd.wait_until_it_works()
        assert parts(kept) == before
        for pid in before.values():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_for(lambda: set(parts(kept)) == set(before))
        crowd.wait_until_it_works()
    assert not set(parts(kept).values()) & set(before.values())
    crowd.check()
