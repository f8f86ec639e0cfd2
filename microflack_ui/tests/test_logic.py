"""The page's logic that needs no page: run in a browser, but without a click."""

from collections.abc import Callable
from typing import Any

import pytest

RED = {"id": 1, "updated_at": 100, "source": "red", "user_id": 1, "created_at": 100}
BLUE = {"id": 2, "updated_at": 110, "source": "blue", "user_id": 1, "created_at": 110}


Run = Callable[..., Any]


def conversation(run: Run, steps: str, *arguments: Any) -> Any:
    """Return sources and the latest update after these steps on a conversation."""
    body = f"""
        let known = module.startWith({{ messages: [], change: 0 }});
        {steps}
        return [known.messages.map((one) => one.source), known.lastUpdatedAt];
    """
    return run("conversation", body, arguments)


def test_what_comes_twice_is_there_once_and_in_order(run: Run) -> None:
    steps = """
        known = module.startWith({ messages: [argument[1]], change: 1 });
        known = module.mergeMessages(known, [argument[0], argument[1], argument[0]]);
    """
    assert conversation(run, steps, RED, BLUE) == [["red", "blue"], 110]


def test_a_later_change_replaces_and_an_earlier_one_does_not(run: Run) -> None:
    steps = "for (const one of argument) known = module.mergeMessages(known, [one]);"
    older, newer = RED | {"change": 4}, RED | {"source": "crimson", "change": 5}
    assert conversation(run, steps, older, newer, older) == [["crimson"], 0]
    assert conversation(run, steps, RED, newer) == [["crimson"], 0]


def test_without_numbers_the_later_answer_counts(run: Run) -> None:
    steps = "for (const one of argument) known = module.mergeMessages(known, [one]);"
    again = RED | {"source": "crimson"}
    assert conversation(run, steps, RED, again) == [["crimson"], 0]


def test_what_blocked_people_write_is_not_new(run: Run) -> None:
    body = """
        const known = module.startWith({ messages: argument, change: 0 });
        return [null, new Set([2])].map((blocked) =>
            module.countUnseen(known, 0, { userId: 9, blocked }));
    """
    messages = [RED, BLUE | {"user_id": 2}, BLUE | {"id": 3, "user_id": 9}]
    assert run("conversation", body, messages) == [2, 1]


@pytest.mark.parametrize("change", [None, 7])
def test_news_without_news_change_nothing_at_all(run: Run, change: int | None) -> None:
    body = """
        const [messages, change] = argument;
        const known = module.startWith({ messages, change });
        const merged = module.mergeMessages(known, structuredClone(argument[0]));
        return module.advance(merged, argument[0], argument[1] ?? 0) === known;
    """
    assert run("conversation", body, [[RED, BLUE], change]) is True


@pytest.mark.parametrize(
    ("known", "change", "expected"), [(0, 3, 3), (5, 3, 5), (None, 3, None)]
)
def test_what_was_fetched_is_known_and_so_is_all_before_it(
    run: Run, known: int | None, change: int, expected: int | None
) -> None:
    body = """
        const known = module.startWith({ messages: [], change: argument[1] });
        const { lastUpdatedAt, lastChange } =
          module.advance(known, argument[0], argument[2]);
        return [lastUpdatedAt, lastChange];
    """
    assert run("conversation", body, [[RED, BLUE], known, change]) == [110, expected]


def test_a_long_conversation_is_cut_to_its_end_which_is_not_its_beginning(
    run: Run,
) -> None:
    body = """
        const messages = Array.from({ length: 301 }, (_, id) => ({ id }));
        const known = { ...module.emptyConversation, reachedStart: true };
        const short = { ...known, messages: messages.slice(1) };
        const cut = module.trimmed({ ...known, messages });
        return [
          module.trimmed(short) === short, cut.messages.length,
          module.newestId(cut), cut.reachedStart,
        ];
    """
    assert run("conversation", body) == [True, 200, 300, False]


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (None, None, "the same"),
        (0, 300, "the same"),
        (5, None, [296, False, False]),
        (None, 290, [291, True, True]),
        (5, 290, [286, False, True]),
    ],
)
def test_a_long_conversation_is_cut_to_what_is_near(
    run: Run, first: int | None, last: int | None, expected: object
) -> None:
    body = """
        const messages = Array.from({ length: 301 }, (_, id) => ({ id }));
        const known = { ...module.emptyConversation, messages, reachedStart: true };
        const short = { ...known, messages: messages.slice(1) };
        if (module.cutTo(short, 5, 9) !== short) throw new Error("It was short.");
        const cut = module.cutTo(known, ...argument);
        if (cut === known) return "the same";
        return [cut.messages.length, cut.reachedStart, cut.isPart];
    """
    assert run("conversation", body, [first, last]) == expected


def test_an_edit_in_history_that_is_not_loaded_leaves_no_gap(run: Run) -> None:
    steps = """
        const page = Array.from({ length: module.PAGE_SIZE }, (_, i) => ({
          ...argument[0], id: i + 100, source: String(i),
        }));
        known = module.startWith({ messages: page, change: 1 });
        known = module.mergeMessages(known, [argument[1]]);
        known = { ...known, messages: known.messages.slice(0, 2) };
    """
    assert conversation(run, steps, RED, BLUE) == [["0", "1"], 100]


@pytest.mark.parametrize(
    ("came", "taken", "last", "kept"),
    [
        ([11, 12], [11, 12], 12, []),
        ([12, 14], [], 10, [12, 14]),
        ([12, 11, 14], [11, 12], 12, [14]),
        ([9, 10], [], 10, []),
        ([], [], 10, []),
    ],
)
def test_a_change_is_next_when_all_before_it_are_known(
    run: Run, came: list[int], taken: list[int], last: int, kept: list[int]
) -> None:
    body = """
        const ahead = new Map(argument.map((number) => [number, number]));
        const { messages, last } = module.takeNext(ahead, 10);
        return [messages, last, [...ahead.keys()]];
    """
    assert run("sequence", body, came) == [taken, last, kept]


def test_polling_looks_back_a_few_seconds_and_never_before_the_epoch(run: Run) -> None:
    assert run("changes", "return argument.map(module.pollSince);", [1000, 3]) == [
        995,
        0,
    ]


def test_an_event_about_somebody_does_not_hide_what_was_not_polled_yet(
    run: Run,
) -> None:
    body = """
        const people = module.mergeEvents(module.emptyPeople, argument);
        return [people.byId.size, people.lastUpdatedAt];
    """
    assert run("people", body, [{"id": 1, "updated_at": 100}]) == [1, 0]


@pytest.mark.parametrize(
    ("change", "is_doubtful"),
    [
        ({"online": False}, True),
        ({"online": False, "updated_at": 101}, False),
        ({"last_seen_at": 101}, False),
    ],
)
def test_two_versions_of_one_second_are_in_doubt(
    run: Run, change: dict[str, Any], is_doubtful: bool
) -> None:
    user = {"id": 1, "updated_at": 100, "nickname": "ada", "online": True}
    body = """
        const people = module.mergeEvents(module.emptyPeople, [argument[1]]);
        return module.isInDoubt(people, [argument[0]]);
    """
    assert run("people", body, [user | change, user]) is is_doubtful


def test_what_failed_holds_up_the_rest_until_all_are_tried_again(run: Run) -> None:
    items = [
        {"key": 1, "state": "refused", "reason": "No."},
        {"key": 2, "state": "sending", "reason": ""},
        {"key": 3, "state": "sending", "reason": ""},
    ]
    body = """
        const failed = module.withAllFailed(argument, "Away.");
        const again = module.withAllTriedAgain(failed);
        return [failed, again].map((items) => [
          items.map(({ state }) => state), module.nextToSend(items)?.key ?? null,
        ]);
    """
    assert run("outbox", body, items) == [
        [["refused", "failed", "failed"], None],
        [["refused", "sending", "sending"], 2],
    ]


def test_people_are_listed_online_first_and_by_name(run: Run) -> None:
    people = [
        {"id": 1, "updated_at": 1, "nickname": "zoe", "online": True},
        {"id": 2, "updated_at": 1, "nickname": "Émile", "online": True},
        {"id": 3, "updated_at": 1, "nickname": "ada", "online": False},
        {"id": 4, "updated_at": 1, "nickname": "bob", "online": True},
    ]
    body = """
        const people = module.mergeChanges(module.emptyPeople, argument);
        return module.activeUsers(people).map((one) => one.nickname);
    """
    assert run("people", body, people) == ["bob", "Émile", "zoe", "ada"]


def test_messages_are_grouped_by_author_and_nearness(run: Run) -> None:
    rows = [(1, 0), (1, 299), (1, 600), (2, 601), (1, 602)]
    messages = [
        {"id": n, "user_id": user, "created_at": 43_200 + at}
        for n, (user, at) in enumerate(rows)
    ]
    body = """
        const [day] = module.groupByDay(argument);
        return day.groups.map((group) => group.messages.map((one) => one.id));
    """
    assert run("timeline", body, messages) == [[0, 1], [2], [3], [4]]


def test_a_group_ends_at_midnight_of_the_readers_time_zone(run: Run) -> None:
    # Midnight in Dublin in summer is 23:00 UTC.
    midnight = 1_782_860_400
    messages = [
        {"id": n, "user_id": 1, "created_at": midnight + at}
        for n, at in enumerate((-60, 60))
    ]
    body = "return module.groupByDay(argument).map(({ day }) => day);"
    assert run("timeline", body, messages) == ["2026-06-30", "2026-07-01"]


@pytest.mark.parametrize(
    ("day", "today", "label"),
    [
        ("2026-11-23", "2026-11-23", "Today"),
        ("2026-12-31", "2027-01-01", "Yesterday"),
        ("2026-10-24", "2026-10-25", "Yesterday"),
        ("2026-10-25", "2026-10-26", "Yesterday"),
        ("2026-11-20", "2026-11-23", "Friday 20 November"),
        ("2025-11-20", "2026-11-23", "Thursday 20 November 2025"),
    ],
)
def test_days_have_names(run: Run, day: str, today: str, label: str) -> None:
    body = "return module.dayLabel(...argument, 'en-GB');"
    assert str(run("timeline", body, [day, today])).replace(",", "") == label


def test_the_wait_doubles_up_to_a_bound(run: Run) -> None:
    body = """
        return argument.map((n) => module.retryDelay(n, { random: () => 1 }));
    """
    waits = [1000, 2000, 4000, 8000, 16000, 30000, 30000]
    assert run("backoff", body, [1, 2, 3, 4, 5, 6, 5000]) == waits


def test_the_wait_is_spread_and_never_shorter_than_asked(run: Run) -> None:
    body = """
        const least = { random: () => 0 };
        return [module.retryDelay(3, least), module.retryDelay(1, { retryAfter: 20 })];
    """
    assert run("backoff", body) == [2000, 20000]


def test_the_wait_has_another_bound_where_one_is_given(run: Run) -> None:
    body = "return module.retryDelay(9, { maxDelay: 5000, random: () => argument });"
    assert [run("backoff", body, chance) for chance in (0, 1)] == [2500, 5000]


def test_those_who_lost_a_server_at_once_come_back_spread_over_two_seconds(
    run: Run,
) -> None:
    body = "return argument.map((x) => module.jitter({ random: () => x }));"
    assert run("backoff", body, [0, 0.5, 1]) == [0, 1000, 2000]
    waits = run("backoff", "return Array.from({ length: 300 }, module.jitter);")
    assert all(0 <= wait <= 2000 for wait in waits)
    assert len({wait // 200 for wait in waits}) == 10


@pytest.mark.parametrize("token", ["", "a.b", "a.!!.c", "a.bnVsbA.c", "a.e30.c"])
def test_a_token_that_tells_no_user_is_none(run: Run, token: str) -> None:
    assert run("token", "return module.userIdOf(argument);", token) is None
