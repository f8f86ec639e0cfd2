"""Settings and secrets that are torn: named, never used, and the way out leads out."""

from pathlib import Path

import pytest
from platforms import Platform

from mfplatform.state import intact
from mfplatform.state.home import Home

pytest_plugins = ["platform_fixtures"]

WHOLE = "MF_BIND=127.0.0.1\nMF_RUN=/tmp/x\nMF_RUNTIME=process\nMF_PORT=1\nLB=http://x\n"
TORN = {
    "it is empty": b"",
    "its end is missing": WHOLE[:-4].encode(),
    "its end is missing ": WHOLE.encode() + bytes(512),
    "it is no text": b"\xff\xfe" + WHOLE.encode("utf-16-le"),
}


@pytest.mark.parametrize("reason", TORN)
def test_what_is_torn_is_told_from_what_is_whole(tmp_path: Path, reason: str) -> None:
    home = Home(tmp_path)
    assert intact.complaint(home) is None
    home.settings_file.write_text("INSTANCE_PORTS=1-2\n")
    assert intact.complaint(home) is None
    home.settings_file.write_text(WHOLE)
    home.secrets_file.write_text("SECRET_KEY=x\n")
    assert intact.complaint(home) is None
    home.settings_file.write_bytes(TORN[reason])
    complaint = intact.complaint(home)
    assert complaint is not None
    assert complaint.startswith(f"{home.settings_file} is damaged: {reason.strip()}. ")


@pytest.mark.parametrize("name", ["settings.env", "secrets.env"])
def test_a_platform_with_a_torn_file_can_be_stopped_and_brought_back(
    platform: Platform, name: str
) -> None:
    file = platform.home / name
    file.write_bytes(file.read_bytes()[:40])
    for command in ("mfup", "mfstatus", "mfrun echo", "mflogs", "mfuser list"):
        refused = platform.mf(*command.split())
        assert refused.returncode == 1, command
        assert f"{file} is damaged: its end is missing. Take it" in refused.stderr
        assert refused.stderr.count("\n") == 1, refused.stderr
    platform.done("mfdown")
    assert platform.processes() == []
    file.rename(file.with_name("torn"))
    platform.done("mfup")
    assert platform.works()
