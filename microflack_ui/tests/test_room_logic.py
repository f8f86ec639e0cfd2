"""What is unread, and where one can go: without a click."""

from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., Any]
ROOM = {"id": 2, "name": "design", "kind": "public", "role": "member", "change": 10}
ROOM |= {"unread": 1, "mentions": 0, "read_up_to": 5, "last_message_at": 100}
MESSAGE = {"id": 9, "room_id": 2, "user_id": 3, "created_at": 101, "change": 11}
MESSAGE |= {"mentions": [], "deleted": False}


def counted(run: Run, room: dict[str, Any], message: dict[str, Any]) -> Any:
    """Return what is unread after a message, or None where nobody here knows."""
    body = """
        const room = module.withMessage(argument[0], argument[1], 1);
        return room && [room.unread, room.mentions, room.change];
    """
    return run("unread", body, [room, message])


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, [2, 0, 11]),
        ({"mentions": [1]}, [2, 1, 11]),
        ({"user_id": 1, "mentions": [1]}, [1, 0, 11]),
        ({"deleted": True}, [1, 0, 11]),
        ({"change": 10}, [1, 0, 10]),
        ({"change": 12}, None),
        ({"created_at": 99}, [1, 0, 11]),
        ({"created_at": 100}, None),
        ({"id": 5}, [1, 0, 11]),
    ],
    ids=[
        *("new", "a mention", "one's own", "deleted", "the same news", "after a gap"),
        *("a change of an older one", "as old as the newest", "read already"),
    ],
)
def test_a_message_is_unread(run: Run, fields: dict[str, Any], expected: Any) -> None:
    assert counted(run, ROOM, MESSAGE | fields) == expected


@pytest.mark.parametrize(("id", "unread"), [(8, 1), (7, 1), (9, 2)])
def test_once_the_newest_is_known_only_a_higher_id_is_new(
    run: Run, id: int, unread: int
) -> None:
    known = ROOM | {"newestId": 8}
    found = counted(run, known, MESSAGE | {"id": id, "created_at": 100})
    assert found == [unread, 0, 11]


@pytest.mark.parametrize(
    ("fields", "attention"),
    [
        ({}, 1),
        ({"unread": 0}, 0),
        ({"mentions": 1}, 2),
        ({"kind": "direct"}, 2),
        ({"notify": "mentions"}, 0),
        ({"notify": "mentions", "mentions": 1}, 2),
        ({"notify": "none", "mentions": 1}, 0),
    ],
)
def test_a_room_calls_for_attention(
    run: Run, fields: dict[str, Any], attention: int
) -> None:
    assert run("unread", "return module.attentionOf(argument);", ROOM | fields) == (
        attention
    )


@pytest.mark.parametrize(
    ("change", "answer", "expected"),
    [
        ({}, {"unread": 4, "change": 12}, [4, 12]),
        ({"change": 11, "unread": 2}, {"unread": 1}, [2, 11]),
        ({"read_up_to": 8, "unread": 0}, {"change": 12, "unread": 1}, [0, 12]),
        ({"change": 11, "unread": 2}, {"read_up_to": 8, "unread": 0}, [0, 10]),
    ],
    ids=["newer", "overtaken by a message", "read meanwhile", "read elsewhere"],
)
def test_an_answer_takes_nothing_back(
    run: Run, change: dict[str, Any], answer: dict[str, Any], expected: list[int]
) -> None:
    body = """
        const known = { byId: new Map([[2, argument[0]]]), areThere: true };
        const { unread, change } = module.startWith(known, [argument[1]]).byId.get(2);
        return [unread, change];
    """
    assert run("rooms", body, [ROOM | change, ROOM | answer]) == expected


def test_what_all_may_see_of_a_room_leaves_ones_own_view(run: Run) -> None:
    body = """
        const known = { byId: new Map([[2, argument]]), areThere: true };
        const told = { id: 2, name: "drawing", kind: "public", change: 10 };
        const room = module.merge(known, told).byId.get(2);
        return [room.name, room.unread, room.role];
    """
    assert run("rooms", body, ROOM) == ["drawing", 1, "member"]


def test_who_leaves_a_public_room_sees_it_still_and_a_private_one_not(
    run: Run,
) -> None:
    body = """
        const of = (kind) => {
            const room = { ...argument, kind };
            const known = { byId: new Map([[2, room]]), areThere: true };
            const left = module.withLeft(known, 2).byId.get(2);
            return left ? module.isIn(left) : null;
        };
        return [of("public"), of("private")];
    """
    assert run("rooms", body, ROOM) == [False, None]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("@", ""),
        ("hi @gr", "gr"),
        ("(@gr", "gr"),
        ("hi @Great Ez", "Great Ez"),
        ("hi @ gr", None),
        ("me@example", None),
        ("@gr\nnext", None),
        ("@" + "x" * 33, None),
        ("nobody", None),
    ],
)
def test_a_nickname_is_being_written(run: Run, text: str, query: str | None) -> None:
    body = "return module.queryAt(argument, argument.length)?.query ?? null;"
    assert run("completion", body, text) == query


def test_a_completed_nickname_stands_where_its_beginning_stood(run: Run) -> None:
    body = """
        const at = module.queryAt("a @gr b", 5);
        const { text, caret } = module.completed("a @gr b", at, "Grace");
        return [text, caret];
    """
    assert run("completion", body) == ["a @Grace b", 9]


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "12:00"), (1, "yesterday"), (3, "Friday"), (8, "15 November")],
)
def test_since_when_there_is_something_new(run: Run, days: int, words: str) -> None:
    body = """
        const at = new Date(argument).getTime() / 1000;
        return module.sinceLabel(at, "2026-11-23", "en-GB");
    """
    day = 23 - days
    assert run("timeline", body, f"2026-11-{day:02}T12:00:00") == words


@pytest.mark.parametrize(
    ("size", "words"),
    [(5, "5 bytes"), (1500, "1.5 kB"), (99_400, "99 kB"), (26_214_400, "26 MB")],
)
def test_sizes_are_said_in_words(run: Run, size: int, words: str) -> None:
    assert run("sizes", "return module.sizeInWords(argument);", size) == words


def test_a_part_of_the_history_takes_nothing_newer_until_it_comes_up_to_now(
    run: Run,
) -> None:
    body = """
        const of = (id, change) => ({ id, change, updated_at: id, source: String(id) });
        const ids = (known) => known.messages.map(({ id }) => id);
        let known = module.startWithPart({ messages: [of(5, 5), of(6, 6)], change: 9 });
        known = module.mergeMessages(known, [of(10, 10)]);
        known = module.advance(known, [of(10, 10)], 10);
        const alone = ids(known);
        const newer = [of(6, 6), of(9, 9)];
        known = module.mergeNewerPage(known, { messages: newer, change: 9 });
        const longer = [ids(known), known.isPart];
        known = module.mergeNewerPage(known, { messages: [of(9, 9)], change: 9 });
        return [alone, longer, known.isPart, known.lastChange];
    """
    assert run("conversation", body) == [[5, 6], [[5, 6, 9], True], False, 9]
