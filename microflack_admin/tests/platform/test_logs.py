"""mflogs: one stream of everybody's logs."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from platforms import Platform

from mfplatform.logs import choice
from mfplatform.logs.files import Follower, merged
from mfplatform.logs.lines import readable, time_of

pytest_plugins = ["platform_fixtures"]


def record(second: int, message: str, **fields: object) -> str:
    stamp = f"2026-01-01T00:00:{second:02}.000Z"
    return json.dumps({"time": stamp, "level": "info", "message": message, **fields})


def write(platform: Platform, source: str, *lines: str) -> Path:
    file = platform.home / "logs" / f"{source}.log"
    file.parent.mkdir(exist_ok=True)
    with open(file, "a") as out:
        out.writelines(f"{line}\n" for line in lines)
    return file


@pytest.fixture
def logged(fresh: Platform) -> Platform:
    """Return a platform with some logs."""
    write(fresh, "echo-1", record(1, "one"), "Traceback:", record(4, "four"))
    write(fresh, "echo-2", record(2, "two", user_id=7, agent="a b"))
    write(fresh, "haproxy", "[NOTICE] up")
    os.utime(fresh.home / "logs" / "haproxy.log", (0, 0))
    return fresh


def test_lines_come_in_the_order_of_time_with_their_source(logged: Platform) -> None:
    lines = logged.done("mflogs").split("\n")
    assert [line.split("|")[0].strip() for line in lines] == [
        "haproxy",
        "echo-1",
        "echo-1",
        "echo-2",
        "echo-1",
    ]
    assert len({line.index("|") for line in lines}) == 1
    assert lines[2].endswith("| Traceback:")
    assert lines[3].endswith('info    two user_id=7 agent="a b"')


def test_a_name_selects_a_service_an_instance_or_a_part(logged: Platform) -> None:
    assert logged.done("mflogs", "echo").count("\n") == 3
    assert "two" in logged.done("mflogs", "echo-2")
    assert "four" not in logged.done("mflogs", "echo-2")
    assert logged.done("mflogs", "haproxy").endswith("[NOTICE] up")


def test_the_last_lines_and_the_lines_as_they_are(logged: Platform) -> None:
    assert logged.done("mflogs", "-n", "1", "--raw") == record(4, "four")


def test_colours_are_for_terminals_only(logged: Platform) -> None:
    write(logged, "echo-3", record(9, "no", level="error"))
    assert "\033" not in logged.done("mflogs")


def test_a_reader_that_leaves_is_no_error(logged: Platform) -> None:
    write(logged, "echo-1", *[record(5, "many" * 50)] * 5000)
    command = logged.folder / "microflack_admin" / "bin" / "mflogs"
    done = subprocess.run(
        ["bash", "-c", 'set -o pipefail; "$0" | head -n 1', str(command)],
        env=logged.environment(),
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_line_that_a_rotation_cuts_is_one_line(tmp_path: Path) -> None:
    file, text = tmp_path / "echo-1.log", record(1, "one")
    (tmp_path / "echo-1.log.1").write_text(f"{record(0, 'zero')}\n{text[:20]}")
    file.write_text(f"{text[20:]}\n")
    with closing(Follower(file)) as follower:
        assert [line.text for line in merged([follower])] == [record(0, "zero"), text]


def test_a_line_that_a_rotation_cuts_is_followed_to_its_end(tmp_path: Path) -> None:
    file, text = tmp_path / "echo-1.log", record(1, "one")
    file.write_text(text[:20])
    with closing(Follower(file)) as follower:
        assert list(merged([follower], to_the_end=False)) == []
        file.rename(tmp_path / "echo-1.log.1")
        file.write_text(f"{text[20:]}\n")
        assert [line.text for line in follower.new_lines()] == [text]


def test_last_words_without_a_line_end_are_shown(tmp_path: Path) -> None:
    file = tmp_path / "echo-1.log"
    file.write_text("Killed")
    with closing(Follower(file)) as follower:
        assert [line.text for line in merged([follower])] == ["Killed"]


@pytest.fixture
def following(logged: Platform) -> Iterator["subprocess.Popen[str]"]:
    """Return mflogs as it goes on, after the last line there is."""
    command = logged.folder / "microflack_admin" / "bin" / "mflogs"
    process = subprocess.Popen(
        [str(command), "-f", "-n", "1"],
        env=logged.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def test_following_sees_new_lines_new_instances_and_rotation(
    logged: Platform, following: "subprocess.Popen[str]"
) -> None:
    out = following.stdout
    assert out is not None
    assert "four" in out.readline()
    file = write(logged, "echo-1", record(5, "five"))
    assert "five" in out.readline()
    write(logged, "echo-9", record(6, "six"))
    assert "echo-9" in out.readline()
    file.rename(f"{file}.1")
    write(logged, "echo-1", record(7, "seven"))
    assert "seven" in out.readline()


def test_ctrl_c_ends_it_quietly(
    logged: Platform, following: "subprocess.Popen[str]"
) -> None:
    assert following.stdout is not None
    assert "four" in following.stdout.readline()
    os.killpg(following.pid, signal.SIGINT)
    assert following.communicate(timeout=60) == ("", "")


def test_rotated_files_are_read_first(tmp_path: Path) -> None:
    file = tmp_path / "users-1.log"
    for number, end in ((1, ".2"), (2, ".1"), (3, "")):
        rotated = file.with_name(f"users-1.log{end}")
        rotated.write_text(record(number, f"m{number}") + "\n")
    with closing(Follower(file)) as follower:
        found = [json.loads(line.text)["message"] for line in merged([follower])]
    assert found == ["m1", "m2", "m3"]


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23 18:46:31 0 [Note] Starting MariaDB",
        "2026-11-23 18:46:31,123 INFO supervisord started",
        "9629:M 23 Nov 2026 19:05:38.253 # bye bye",
        '{"level":"warn","ts":"2026-11-23T19:03:12.700Z","msg":"hello"}',
        '{"time": "2026-11-23T19:03:12.700Z", "message": "hello"}',
    ],
)
def test_the_time_of_every_parts_lines_is_understood(text: str) -> None:
    assert 1.79e9 < (time_of(text) or 0) < 1.8e9


@pytest.mark.parametrize("character", ["\x1b", "\n", "\0", "\x9b", "\u202e", "\u2028"])
def test_no_line_does_anything_to_a_terminal(character: str) -> None:
    path = f"/a{character}b"
    record = json.dumps({"message": f"GET {path}", "agent": path, "name": f"x {path}"})
    for line in (record, f"plain {path}"):
        shown = readable(line)
        assert shown.isprintable()
        assert character.encode("unicode_escape").decode() in shown
    assert readable("é 看\t-") == "é 看\t-"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"a": 1}', '{"time": 5}', "2026-99-99 99:99:99 x"]
)
def test_what_is_no_log_record_is_shown_as_it_is(text: str) -> None:
    assert time_of(text) is None
    assert readable(text) == text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nix",), "Known: echo echo-1 echo-2 haproxy"),
        (("-n",), "-n needs a number"),
        (("-n", "x"), "-n needs a number"),
        (("--colour",), "unknown option"),
        (("echo", "haproxy"), "one name only"),
    ],
)
def test_a_wrong_call_is_refused(
    logged: Platform, arguments: tuple[str, ...], said: str
) -> None:
    result = logged.mf("mflogs", *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert said in result.stderr


def test_before_the_first_start_there_are_no_logs(fresh: Platform) -> None:
    result = fresh.mf("mflogs")
    assert result.returncode == 1
    assert "mfup" in result.stderr


LEVELS = [
    (record(1, "x", level="error"), "error"),
    ('{"level":"warn","ts":"2026-01-01T00:00:00Z","msg":"x"}', "warning"),
    ("[ALERT]    (77) : no", "critical"),
    ("2026-01-01  0:00:01 0 [Warning] Aborted connection", "warning"),
    ("2026-01-01 00:00:01,123 INFO spawned: 'x'", "info"),
    ("77:M 01 Jan 2026 00:00:01.000 # Warning: no", "warning"),
    ("77:M 01 Jan 2026 00:00:01.000 * Ready", None),
    ("Traceback (most recent call last):", None),
    ('  File "x.py", line 1, in <module> [ERRORS]', None),
    ("{no JSON", None),
]


@pytest.mark.parametrize(("text", "level"), LEVELS)
def test_a_line_tells_its_level(text: str, level: str | None) -> None:
    assert choice.level_of(text) == level


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("90s", 999_910.0),
        ("10m", 999_400.0),
        ("2h", 992_800.0),
        ("7d", 395_200.0),
        ("1970-01-01T00:00:07+00:00", 7.0),
    ],
)
def test_a_span_or_a_time_is_a_moment(text: str, moment: float) -> None:
    assert choice.since(text, now=1_000_000.0) == moment


def test_lines_are_chosen_by_time_level_and_request(logged: Platform) -> None:
    one, two = "1" * 16, "2" * 16
    write(logged, "echo-1", record(5, "five", level="error", request_id=one), "why")
    write(logged, "echo-1", record(6, "six", request_id=one))
    write(logged, "echo-2", record(7, "seven", level="critical", request_id=two))

    def said(*options: str) -> list[str]:
        lines = logged.done("mflogs", "--raw", *options).splitlines()
        return [json.loads(x)["message"] if x[0] == "{" else x for x in lines]

    begin = "2026-01-01T00:00:04+00:00"
    assert said("--since", begin) == ["four", "five", "why", "six", "seven"]
    assert said("--level", "error") == ["five", "why", "seven"]
    assert said("--request", one[:8]) == ["five", "why", "six"]
    assert said("--request", one, "--level", "error", "-n", "1") == ["why"]
    assert said("--since", "10m", "--level", "critical") == []
    refused = logged.mf("mflogs", "--since", "soon")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("mflogs: --since takes a span such as")


@pytest.mark.parametrize(
    ("since", "level"),
    [("soon", None), ("10", None), ("-1m", None), ("", None), (None, "bad")],
)
def test_what_chooses_nothing_is_refused(since: str | None, level: str | None) -> None:
    with pytest.raises(ValueError, match=r"--since takes a span|--level takes one of"):
        choice.read(since, level, None)
