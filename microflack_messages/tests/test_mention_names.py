"""Which nicknames stand in a text after an ``@``."""

import pytest

from microflack_messages import mentions

NAMES = ["ada", "Ada Lovelace", "Bob", "bob!", "田中", "élise", "straße", "a.b", "x_y"]
IDS = {mentions.key_of(name): number for number, name in enumerate(NAMES, 1)}


def named(text, members=None):
    if not mentions.has_any(text):
        return []
    places = mentions.candidates(text, IDS.get)
    found = mentions.choose(places, members or IDS.values())
    return [NAMES[user_id - 1] for user_id in found]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@ada", ["ada"]),
        ("hello @ADA, and you", ["ada"]),
        ("@bob @ada @BOB", ["Bob", "ada"]),
        ("(@ada) *@bob*", ["ada", "Bob"]),
        ("@ada lovelace is here", ["Ada Lovelace"]),
        ("@Ada Lovelacex", ["ada"]),
        ("@bob! @bob?", ["bob!", "Bob"]),
        ("你好@田中さん", ["田中"]),
        ("@bobさん", ["Bob"]),
        ("@E\u0301LISE", ["élise"]),
        ("@STRASSE", ["straße"]),
        ("see @a.b.", ["a.b"]),
        ("@x_y: look", ["x_y"]),
        ("line\n@ada\n", ["ada"]),
        # Not a name, or not the whole of one.
        ("@adam @bob_ @bob2 @ad", []),
        ("mail me: me@ada.example, x@bob", []),
        ("@@ada @ ada", []),
        ("ada, bob", []),
        ("@", []),
        ("@zoe", []),
    ],
)
def test_names_are_found_as_people_write_them(text, names):
    assert named(text) == names


def test_the_longest_name_of_somebody_who_is_there_is_meant():
    assert named("@ada lovelace", members=[1]) == ["ada"]
    assert named("@ada lovelace", members=[2, 3]) == ["Ada Lovelace"]
    assert named("@ada lovelace", members=[3]) == []


def test_a_text_full_of_signs_mentions_as_many_as_one_may_read():
    assert named("@ada " * 5000 + "@bob") == ["ada"]
