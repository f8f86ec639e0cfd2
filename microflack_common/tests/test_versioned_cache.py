"""Answers are given again, or not at all, while what they show has the same version."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from microflack_common import audience
from microflack_common.audience import EVERYBODY
from microflack_common.versioned_cache import VersionedCache

ASKERS = 8
ROUNDS = 20


class Numbers:
    """Something that is written by many; it counts how often it is read."""

    def __init__(self):
        self.lock = threading.Lock()
        self.version = self.versions_read = self.bodies_made = 0

    def write(self):
        with self.lock:
            self.version += 1
            return self.version

    def read_version(self):
        with self.lock:
            self.versions_read += 1
            return self.version

    def make(self):
        with self.lock:
            self.bodies_made += 1
            return self.version, json.dumps({"number": self.version}).encode()


@pytest.fixture
def numbers():
    """Return what the answers show."""
    return Numbers()


@pytest.fixture
def cache():
    """Return an empty cache."""
    return VersionedCache("1")


@pytest.fixture
def get(cache, numbers):
    """Return a function that asks the cache, as a request with some headers would."""
    app = Flask("numbers")

    def get(etag=None, who=EVERYBODY, query="", cache=cache, make=numbers.make):
        headers = {"If-None-Match": etag} if etag else {}
        with app.test_request_context(headers=headers):
            return cache.respond(who, query, numbers.read_version, make)

    return get


@pytest.fixture
def pool():
    """Return threads, which the test waits for."""
    with ThreadPoolExecutor(ASKERS) as pool:
        yield pool


def test_a_body_is_made_once_for_a_version(get, numbers):
    for _ in range(3):
        answer = get()
        assert (answer.status_code, answer.json) == (200, {"number": 0})
    assert numbers.bodies_made == 1
    numbers.write()
    assert get().json == {"number": 1}
    assert numbers.bodies_made == 2


def test_an_answer_says_who_may_keep_it_and_that_it_must_be_asked_for(get):
    for answer in (get(), get(etag="*")):
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert answer.headers["Vary"] == "Authorization"
        assert answer.headers["ETag"].startswith('W/"')
        assert answer.mimetype == "application/json"


@pytest.mark.parametrize("form", ["{}", '"other", {}', '{},W/"other"', "*"])
def test_who_has_the_answer_is_not_sent_it_again(get, numbers, form):
    tag = get().headers["ETag"]
    answer = get(form.format(tag))
    assert (answer.status_code, answer.data) == (304, b"")
    assert answer.headers["ETag"] == tag
    assert numbers.bodies_made == 1


def test_a_tag_is_compared_weakly(get):
    tag = get().headers["ETag"]
    assert get(tag.removeprefix("W/")).status_code == 304


@pytest.mark.parametrize("etag", ['"other"', 'W/"other"', "nonsense", '"'])
def test_who_has_another_answer_is_sent_this_one(get, etag):
    assert get(etag).status_code == 200


def test_who_has_an_older_answer_is_sent_the_newest(get, numbers):
    tag = get().headers["ETag"]
    numbers.write()
    answer = get(tag)
    assert (answer.status_code, answer.json) == (200, {"number": 1})
    assert answer.headers["ETag"] != tag


def test_the_same_answer_has_the_same_tag_in_every_process(get):
    again = get(cache=VersionedCache("1"))
    assert get().headers["ETag"] == again.headers["ETag"]


def test_another_release_has_other_tags(get):
    other = get(cache=VersionedCache("2"))
    assert get().headers["ETag"] != other.headers["ETag"]


def test_audiences_and_queries_share_no_answer(get, numbers):
    asked = [
        {"who": EVERYBODY, "query": "a"},
        {"who": audience.room(1), "query": "a"},
        {"who": audience.room(2), "query": "a"},
        {"who": audience.user(2), "query": "a"},
        {"who": audience.room(2), "query": "b"},
    ]
    tags = {get(**one).headers["ETag"] for one in asked}
    assert len(tags) == numbers.bodies_made == len(asked)
    for one in asked:
        others = tags - {get(**one).headers["ETag"]}
        assert get(", ".join(others), **one).status_code == 200


def test_a_body_that_is_newer_than_the_version_is_filed_as_what_it_is(get, numbers):
    def write_and_make():
        numbers.write()
        return numbers.make()

    tag = get().headers["ETag"]
    numbers.write()
    newer = get(tag, make=write_and_make)
    assert newer.json == {"number": 2}
    assert newer.headers["ETag"] == get().headers["ETag"]
    assert get().json == {"number": 2}
    assert numbers.bodies_made == 2


def test_who_has_written_reads_it_however_many_ask_at_once(get, numbers, pool):
    def write_and_read(_number):
        wrote = numbers.write()
        return wrote, get().json["number"]

    asked = list(pool.map(write_and_read, range(ASKERS * ROUNDS)))
    assert all(read >= wrote for wrote, read in asked)


def test_those_who_ask_at_the_same_time_share_one_read(get, numbers, pool):
    begun, end = threading.Event(), threading.Event()
    read_version, asking = numbers.read_version, threading.Barrier(ASKERS - 1)

    def slow():
        version = read_version()
        begun.set()
        assert end.wait(30)
        return version

    def ask():
        asking.wait(30)
        return get().json["number"]

    numbers.read_version = slow
    first = pool.submit(get)
    assert begun.wait(30)
    numbers.read_version = read_version
    wrote = numbers.write()
    others = [pool.submit(ask) for _ in range(ASKERS - 1)]
    end.set()
    assert first.result(30).status_code == 200
    assert {one.result(30) for one in others} == {wrote}


def test_a_slow_read_does_not_hold_up_those_after_it(get, numbers, pool):
    begun, end = threading.Event(), threading.Event()
    read_version = numbers.read_version

    def hang():
        begun.set()
        assert end.wait(30)
        return 0

    numbers.read_version = hang
    slow = pool.submit(get)
    try:
        assert begun.wait(30)
        numbers.read_version = read_version
        assert get().status_code == 200
        assert not slow.done()
    finally:
        end.set()


@pytest.mark.parametrize("failing", ["read_version", "make"])
def test_an_error_reaches_those_who_asked_and_nobody_later(get, numbers, failing):
    def fail():
        raise OSError("away")

    works = getattr(numbers, failing)
    setattr(numbers, failing, fail)
    with pytest.raises(OSError, match="away"):
        get(make=numbers.make)
    setattr(numbers, failing, works)
    assert get(make=numbers.make).status_code == 200


def test_what_is_kept_is_bounded_and_what_is_used_stays(numbers):
    app, cache = Flask("numbers"), VersionedCache("1", max_bytes=1000)
    made = []

    def get(query):
        def make():
            made.append(query)
            return 0, b"x" * 300

        with app.test_request_context():
            cache.respond(EVERYBODY, query, numbers.read_version, make)

    for query in ("a", "b", "c", "a", "d", "a", "b"):
        get(query)
    assert made == ["a", "b", "c", "d", "b"]


def test_one_body_that_is_too_large_is_answered_and_not_kept(numbers):
    app, cache = Flask("numbers"), VersionedCache("1", max_bytes=5)
    for count in (1, 2):
        with app.test_request_context():
            answer = cache.respond(EVERYBODY, "", numbers.read_version, numbers.make)
        assert answer.json == {"number": 0}
        assert numbers.bodies_made == count
