"""The page's logic that needs no page: run in a browser, but without a click."""

from collections.abc import Callable
from typing import Any

import pytest
from fake_api import FakeApi
from visitor import Visitor

RED = {"id": 1, "updated_at": 100, "source": "red", "user_id": 1, "created_at": 100}
BLUE = {"id": 2, "updated_at": 110, "source": "blue", "user_id": 1, "created_at": 110}


@pytest.fixture(scope="module")
def run(browser: Any, site: Any) -> Any:
    """Return what a function body makes of a module and an argument."""
    site[1].api = FakeApi()
    page = browser.new_page(timezone_id="Europe/Dublin", locale="en-GB")
    yield Visitor(page, site[0]).logic
    page.close()


Run = Callable[..., Any]


def conversation(run: Run, steps: str, *arguments: Any) -> Any:
    """Return sources and the latest update after these steps on a conversation."""
    body = f"""
        let known = module.mergeNewestPage(module.emptyConversation, []);
        {steps}
        return [known.messages.map((one) => one.source), known.lastUpdatedAt];
    """
    return run("conversation", body, arguments)


def test_what_comes_twice_is_there_once_and_in_order(run: Run) -> None:
    steps = """
        known = module.mergeNewestPage(known, [argument[1]]);
        known = module.mergeChanges(known, [argument[0], argument[1], argument[0]]);
    """
    assert conversation(run, steps, RED, BLUE) == [["red", "blue"], 110]


def test_a_later_change_replaces_and_an_earlier_one_does_not(run: Run) -> None:
    steps = "for (const one of argument) known = module.mergeChanges(known, [one]);"
    newer = RED | {"source": "crimson", "updated_at": 120}
    assert conversation(run, steps, RED, newer, RED) == [["crimson"], 120]


def test_of_two_edits_within_a_second_the_later_answer_counts(run: Run) -> None:
    steps = "for (const one of argument) known = module.mergeChanges(known, [one]);"
    again = RED | {"source": "crimson"}
    assert conversation(run, steps, RED, again) == [["crimson"], 100]


def test_news_without_news_change_nothing_at_all(run: Run) -> None:
    body = """
        const known = module.mergeNewestPage(module.emptyConversation, argument);
        return module.mergeChanges(known, structuredClone(argument)) === known;
    """
    assert run("conversation", body, [RED, BLUE]) is True


def test_an_event_does_not_hide_what_was_not_polled_yet(run: Run) -> None:
    steps = """
        known = module.mergeNewestPage(known, [argument[0]]);
        known = module.mergeEvents(known, [argument[1]]);
    """
    assert conversation(run, steps, RED, BLUE) == [["red", "blue"], 100]


def test_of_two_renderings_within_a_second_the_fuller_one_stays(run: Run) -> None:
    body = """
        const [bare, full] = ["", "<em>x</em>"].map((html) => ({ ...argument, html }));
        return [module.replaces(full, bare), module.replaces(bare, full)];
    """
    assert run("changes", body, RED) == [True, False]


def test_of_several_events_at_once_the_newest_counts(run: Run) -> None:
    steps = "known = module.mergeEvents(known, argument);"
    newer = RED | {"source": "crimson", "updated_at": 120}
    assert conversation(run, steps, newer, RED) == [["crimson"], 0]


def test_a_long_conversation_is_cut_to_its_end_which_is_not_its_beginning(
    run: Run,
) -> None:
    body = """
        const messages = Array.from({ length: 601 }, (_, id) => ({ id }));
        const known = { ...module.emptyConversation, reachedStart: true };
        const short = { ...known, messages: messages.slice(1) };
        const cut = module.trimmed({ ...known, messages });
        return [
          module.trimmed(short) === short, cut.messages.length,
          module.newestId(cut), cut.reachedStart,
        ];
    """
    assert run("conversation", body) == [True, 300, 600, False]


def test_an_edit_in_history_that_is_not_loaded_leaves_no_gap(run: Run) -> None:
    steps = """
        const page = Array.from({ length: module.PAGE_SIZE }, (_, i) => ({
          ...argument[0], id: i + 100, source: String(i),
        }));
        known = module.mergeNewestPage(known, page);
        known = module.mergeChanges(known, [argument[1]]);
        known = { ...known, messages: known.messages.slice(0, 2) };
    """
    assert conversation(run, steps, RED, BLUE) == [["0", "1"], 110]


def sequence(run: Run, steps: str) -> Any:
    """Return the last known number, those ahead of it, and whether there is a gap."""
    body = f"""
        let sequence = module.startAt(10);
        const tell = (...numbers) => {{
          const messages = numbers.map((change) => ({{ change }}));
          sequence = module.addNumbers(sequence, messages);
        }};
        {steps}
        return [sequence.last, sequence.ahead, module.hasGap(sequence)];
    """
    return run("sequence", body)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("tell(11); tell(12, 13);", [13, [], False]),
        ("tell(12); tell(14);", [10, [12, 14], True]),
        ("tell(12, 11); tell(13);", [13, [], False]),
        ("tell(14); sequence = module.advanceTo(sequence, 13);", [14, [], False]),
        ("tell(11); sequence = module.advanceTo(sequence, 10);", [11, [], False]),
        ("tell(9, 10, undefined, 'x');", [10, [], False]),
        ("tell(12); sequence = module.startAt(3);", [3, [], False]),
        ("sequence = module.startAt(undefined); tell(3);", [None, [], False]),
    ],
)
def test_a_number_is_missing_until_it_was_told(
    run: Run, steps: str, expected: list[Any]
) -> None:
    assert sequence(run, steps) == expected


def test_of_two_changes_with_numbers_the_later_one_counts(run: Run) -> None:
    later = RED | {"source": "crimson", "change": 5, "updated_at": 90}
    body = """
        const [one, two] = argument;
        return [module.replaces(two, one), module.replaces(one, two),
          module.mayBeStale(two, one)];
    """
    assert run("changes", body, [RED | {"change": 4}, later]) == [True, False, False]


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
    body = "return module.mayBeStale(...argument);"
    assert run("changes", body, [user | change, user]) is is_doubtful


def test_events_since_a_moment_are_told_and_few_are_kept(run: Run) -> None:
    body = """
        const recent = new module.RecentEvents();
        const add = (from, to) => {
          for (let id = from; id < to; id += 1) recent.add(id);
        };
        add(0, 2);
        const position = recent.position();
        const none = recent.after(position);
        add(2, 4);
        const two = recent.after(position);
        add(4, 5000);
        return [none, two, recent.after(position).length];
    """
    assert run("recent_events", body) == [[], [2, 3], 1000]


@pytest.mark.parametrize(
    ("states", "created_at", "twin"),
    [
        (["sending"], 100, 0),
        (["failed", "sending"], 100, 1),
        (["failed"], 96, 0),
        (["refused"], 100, None),
        (["sending"], 90, None),
        ([], 100, None),
    ],
)
def test_a_message_that_arrives_may_be_one_that_is_on_its_way(
    run: Run, states: list[str], created_at: int, twin: int | None
) -> None:
    items = [
        {"key": n, "source": "red\n", "at": 100, "state": state}
        for n, state in enumerate(states)
    ]
    message = RED | {"created_at": created_at}
    body = "return module.pendingCopyOf(...argument)?.key ?? null;"
    assert run("outbox", body, [items, message]) == twin


def test_people_are_listed_online_first_and_by_name(run: Run) -> None:
    people = [
        {"id": 1, "updated_at": 1, "nickname": "zoe", "online": True},
        {"id": 2, "updated_at": 1, "nickname": "Émile", "online": True},
        {"id": 3, "updated_at": 1, "nickname": "ada", "online": False},
        {"id": 4, "updated_at": 1, "nickname": "bob", "online": True},
    ]
    body = """
        const people = module.mergeChanges(module.emptyPeople, argument);
        return module.sortedUsers(people).map((one) => one.nickname);
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
