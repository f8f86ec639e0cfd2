"""What the page says: errors, names of programs, characters."""

from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.mark.parametrize(
    ("sentence", "status", "words"),
    [
        (
            "nickname: Length must be between 1 and 32.",
            400,
            "The nickname must have 1 to 32 characters.",
        ),
        (
            "password: Must not be the nickname.",
            400,
            "The password must not be the nickname.",
        ),
        ("nickname: This nickname is taken.", 400, "This nickname is taken."),
        ("source: at most 16384 characters.", 400, "At most 16384 characters."),
        ("The database is away.", 503, "The database is away."),
        (None, 502, "The server answered with status 502."),
        ("Whatever.", 429, "That was too often. Try again in a moment."),
    ],
)
def test_errors_are_sentences_for_people(
    run: Run, sentence: str | None, status: int, words: str
) -> None:
    body = "return module.explain(...argument);"
    assert run("explain", body, [sentence, {"status": status}]) == words


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/130.0.0.0 "
            "Safari/537.36 Edg/130.0.0.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 "
            "Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
        ),
        ("curl/8.5.0", "curl/8.5.0"),
        ("🎈" * 81, "🎈" * 80 + "…"),
        ("", "An unknown program"),
    ],
)
def test_programs_are_called_by_their_names(run: Run, agent: str, words: str) -> None:
    assert run("agent", "return module.describeAgent(argument);", agent) == words


@pytest.mark.parametrize(
    ("text", "first", "length"),
    [
        ("👨\u200d👩\u200d👧 x", "👨\u200d👩\u200d👧", 7),
        ("e\u0301x", "e\u0301", 3),
        ("🇩🇪🇫🇷", "🇩🇪", 4),
        ("", "", 0),
    ],
)
def test_characters_are_those_that_people_see(
    run: Run, text: str, first: str, length: int
) -> None:
    body = "return [module.firstCharacter(argument), module.lengthOf(argument)];"
    assert run("text", body, text) == [first, length]
