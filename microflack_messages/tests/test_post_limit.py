"""How much one user may post."""

import pytest

from microflack_common.limits import RateLimit
from microflack_messages.app import POSTS_AT_ONCE, POSTS_PER_SECOND


@pytest.fixture
def post(another):
    """Return a function that posts to an instance that counts posts."""
    app = another(MF_LIMITS="on")
    counted = app.extensions["microflack_limits"]
    assert "posts" in counted
    # On a busy machine posts do not come faster than they are allowed to.
    limit = RateLimit("posts", POSTS_PER_SECOND, POSTS_AT_ONCE, clock=lambda: 1000.0)
    counted["posts"] = limit
    client = app.test_client()

    def post(headers):
        return client.post("/api/messages", json={"source": "hi"}, headers=headers)

    return post


def test_a_user_who_posts_too_much_has_to_wait(post, ada, bob):
    assert {post(ada).status_code for _ in range(100)} == {201}
    refused = post(ada)
    assert refused.status_code == 429
    assert refused.json == {"error": "Too many posts. Slow down."}
    assert refused.headers["Retry-After"] == "1"
    assert post(bob).status_code == 201


def test_what_was_posted_by_nobody_counts_for_nobody(post, ada):
    assert {post({}).status_code for _ in range(150)} == {401}
    assert post(ada).status_code == 201


def test_without_limits_nobody_is_counted(app):
    assert app.extensions["microflack_limits"] == {}
