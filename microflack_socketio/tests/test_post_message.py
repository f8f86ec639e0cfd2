"""What is said on an open connection: where, in answer to what, with which files."""

import pytest


def test_a_message_is_posted_with_all_that_belongs_to_it(services, connect, token):
    client = connect()
    bodies = [
        {"source": "x", "room_id": 12, "reply_to": 3, "files": [4, 5]},
        {"source": "", "files": [4]},
        {"source": "x", "room_id": 10**30, "reply_to": -1, "files": []},
    ]
    for body in bodies:
        assert "error" not in client.call("post_message", body, token(7))
    assert [call.json for call in services.of(7, "POST")] == bodies


def test_null_is_as_if_a_field_were_left_out(services, connect, token):
    names = ("room_id", "reply_to", "files", "idempotency_key", "unknown")
    body = {"source": "x"} | dict.fromkeys(names)
    assert "error" not in connect().call("post_message", body, token(7))
    [call] = services.of(7, "POST")
    assert (call.json, call.key) == ({"source": "x"}, None)


def test_with_files_the_source_may_be_missing(services, connect, token):
    body = {"source": None, "files": [4]}
    assert "error" not in connect().call("post_message", body, token(7))
    assert services.of(7, "POST")[0].json == {"source": "", "files": [4]}


WRONG_NUMBERS = ["12", 1.5, True, [], {}, ""]
WRONG = [
    *({"room_id": value} for value in WRONG_NUMBERS),
    *({"reply_to": value} for value in WRONG_NUMBERS),
    *({"files": value} for value in ("4", 4, True, {}, {"0": 4}, "")),
    *({"files": [value]} for value in (*WRONG_NUMBERS, None)),
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_message_with_a_wrong_field_is_said_nowhere(services, connect, token, wrong):
    client, [name] = connect(), wrong
    answer = client.call("post_message", {"source": "x"} | wrong, token())
    assert answer["error"].startswith(f"The {name} must be")
    assert not services.asked()
    assert client.call("ping_user", token()) == {}


@pytest.mark.parametrize(
    "key", ["a\nb", "a\tb", "\x00", "", " ", "é", "\u2028", "k" * 65, 5]
)
def test_a_key_that_no_try_could_carry_is_said_to_be_wrong(
    services, connect, token, key
):
    body = {"source": "x", "idempotency_key": key}
    answer = connect().call("post_message", body, token())
    assert answer["error"].startswith("The idempotency_key must be 1 to 64 printable")
    assert not services.asked()


def test_white_space_around_a_key_is_no_part_of_it(services, connect, token):
    body = {"source": "x", "idempotency_key": " a b "}
    assert "error" not in connect().call("post_message", body, token(7))
    assert services.of(7, "POST")[0].key == "a b"
