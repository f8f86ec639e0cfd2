"""Items: add, list, read and delete them."""

import pytest

URL = "/api/example"


@pytest.fixture
def add(client, ada):
    """Return a function that adds an item of Ada's and returns it."""

    def add(text="hello"):
        answer = client.post(URL, json={"text": text}, headers=ada)
        assert answer.status_code == 201, answer.json
        return answer.json

    return add


def test_an_item_is_where_its_location_says(client, ada):
    answer = client.post(URL, json={"text": "hello 👋"}, headers=ada)
    assert answer.status_code == 201
    assert answer.json["text"] == "hello 👋"
    assert answer.json["user_id"] == 7
    assert client.get(answer.headers["Location"]).json == answer.json


def test_the_newest_items_come_first_and_are_paged(client, add):
    one, two, three = add("one"), add("two"), add("three")
    listed = client.get(URL).json
    assert listed == {"items": [three, two, one]}
    page = client.get(f"{URL}?before_id={three['id']}&limit=1").json
    assert page == {"items": [two]}


def test_who_has_written_an_item_deletes_it(client, ada, add):
    path = f"{URL}/{add()['id']}"
    assert client.delete(path, headers=ada).status_code == 204
    assert client.get(path).status_code == 404
    assert client.delete(path, headers=ada).status_code == 404


def test_deleting_anothers_item_is_forbidden(client, bob, add):
    path = f"{URL}/{add()['id']}"
    answer = client.delete(path, headers=bob)
    assert answer.status_code == 403
    assert answer.json == {"error": "You can delete your own items only."}
    assert client.get(path).status_code == 200


def test_who_has_not_signed_in_changes_nothing(client, add):
    path = f"{URL}/{add()['id']}"
    assert client.post(URL, json={"text": "no"}).status_code == 401
    assert client.delete(path).status_code == 401
    assert len(client.get(URL).json["items"]) == 1


def test_reading_needs_a_token_where_only_members_may_read(client, app, ada):
    app.config["ACCESS"] = "members"
    try:
        assert client.get(URL).status_code == 401
        assert client.get(URL, headers=ada).status_code == 200
    finally:
        app.config["ACCESS"] = "open"


@pytest.mark.parametrize(
    "body", [{}, {"text": ""}, {"text": 7}, {"text": None}, {"text": "x" * 501}, []]
)
def test_a_body_that_makes_no_sense_is_refused(client, ada, body):
    answer = client.post(URL, json=body, headers=ada)
    assert answer.status_code == 400
    assert answer.json["error"]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "before_id=x"])
def test_a_query_that_makes_no_sense_is_refused(client, query):
    assert client.get(f"{URL}?{query}").status_code == 400


@pytest.mark.parametrize("item_id", [0, 2**31, 10**30])
def test_an_item_that_is_not_there_is_not_found(client, item_id):
    answer = client.get(f"{URL}/{item_id}")
    assert answer.status_code == 404
    assert answer.json == {"error": f"There is no item {item_id}."}
