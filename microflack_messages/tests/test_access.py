"""Who may read: everybody, or members only."""

import pytest

from microflack_common.config import ConfigError
from microflack_common.testing import bearer, token_for
from microflack_messages.config import Config

LISTS = ["", "?updated_since=0", "?before_id=1000", "?after=0", "?room=1", "?limit=5"]


@pytest.fixture
def members_only(app):
    """Have only members read, for the length of a test."""
    app.config["ACCESS"] = "members"
    yield
    app.config["ACCESS"] = "open"


@pytest.mark.parametrize("query", LISTS)
def test_where_members_read_lists_need_a_token(
    app, client, post, ada, members_only, query
):
    message = post("for members", ada)
    answer = client.get(f"/api/messages{query}")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert "for members" not in answer.text
    answer = client.get(f"/api/messages{query}", headers=token_for(app, 2))
    assert message["id"] in [one["id"] for one in answer.json["messages"]]


def test_who_has_a_list_needs_a_token_to_ask_whether_it_is_new(
    client, post, ada, members_only
):
    post("for members", ada)
    etag = client.get("/api/messages", headers=ada).headers["ETag"]
    asked = {"If-None-Match": etag}
    assert client.get("/api/messages", headers=asked).status_code == 401
    assert client.get("/api/messages", headers=asked | ada).status_code == 304


def test_where_members_read_a_message_needs_a_token(
    app, client, post, ada, members_only
):
    path = post("for members", ada)["_links"]["self"]
    assert client.get(path).status_code == 401
    assert client.get(path, headers=bearer("x.y.z")).status_code == 401
    assert client.get(path, headers=token_for(app, 2)).status_code == 200


@pytest.mark.parametrize("path", ["/999999", "?room=999999", "?limit=x"])
def test_who_has_no_token_is_not_told_what_there_is(client, members_only, path):
    assert client.get(f"/api/messages{path}").status_code == 401


@pytest.mark.parametrize("query", LISTS)
def test_where_reading_is_open_no_token_is_needed(client, post, ada, query):
    message = post("for everybody", ada)
    answer = client.get(f"/api/messages{query}")
    assert message["id"] in [one["id"] for one in answer.json["messages"]]
    assert client.get(message["_links"]["self"]).status_code == 200
    answer = client.get(f"/api/messages{query}", headers=bearer("x.y.z"))
    assert answer.status_code == 401


def test_people_who_were_deactivated_neither_read_nor_write(
    app, client, registry, post, ada
):
    headers = token_for(app, 9)
    path = post("before", headers)["_links"]["self"]
    registry.put("/rights/users/9", '{"deactivated": true}')
    answers = []
    while 200 in answers or not answers:
        answers = [
            client.get(path, headers=headers).status_code,
            client.get("/api/messages", headers=headers).status_code,
        ]
    assert answers == [401, 401]
    answer = client.post("/api/messages", json={"source": "x"}, headers=headers)
    assert answer.status_code == 401
    assert "deactivated" in answer.json["error"]
    # What they wrote stays.
    assert client.get(path, headers=ada).json["source"] == "before"
    registry.delete("/rights/users/9")


def test_the_setting_is_open_or_members(settings):
    with pytest.raises(ConfigError, match="ACCESS must be open or members"):
        Config(settings | {"ACCESS": "closed"})
