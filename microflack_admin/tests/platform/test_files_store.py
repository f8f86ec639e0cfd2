"""MF_FILES: where services keep people's files, and who is told."""

import pytest

from mfplatform.state import access, files_store

ADDRESS = "s3+https://the-id:the%2Fsecret@s3.test:9000/chat/files"


@pytest.mark.parametrize(
    ("recorded", "asked", "settled"),
    [
        ("", "", ""),
        ("", ADDRESS, ADDRESS),
        (ADDRESS, "", ADDRESS),
        (ADDRESS, "s3://other", "s3://other"),
        (ADDRESS, "database", ""),
    ],
)
def test_what_is_asked_for_is_remembered(
    recorded: str, asked: str, settled: str
) -> None:
    found = files_store.settle({"MF_FILES": recorded}, {"MF_ASKED_FILES": asked})
    assert found == {"MF_FILES": settled}


@pytest.mark.parametrize(
    "asked", ["/data", "https://i:secret@h/b", "s3:", "s3+https:b"]
)
def test_what_is_no_store_is_refused_and_its_secret_not_told(asked: str) -> None:
    with pytest.raises(ValueError, match="MF_FILES must be s3://BUCKET") as refused:
        files_store.settle({}, {"MF_ASKED_FILES": asked})
    assert "secret@" not in str(refused.value)


@pytest.mark.parametrize(
    ("settings", "service_settings", "given"),
    [
        ({"MF_FILES": ADDRESS}, {"NEEDS_FILES": "yes"}, {"FILES_STORE": ADDRESS}),
        ({"MF_FILES": ADDRESS}, {"NEEDS_FILES": "no"}, {}),
        ({"MF_FILES": ADDRESS}, {}, {}),
        ({}, {"NEEDS_FILES": "yes"}, {}),
    ],
)
def test_only_who_keeps_files_is_told(
    settings: dict[str, str], service_settings: dict[str, str], given: dict[str, str]
) -> None:
    assert files_store.given(settings, service_settings) == given


def test_an_engine_of_containers_is_not_told() -> None:
    assert files_store.VARIABLE in access.NAMES
