"""Who asks for it hears of people together."""

from instances import publish, wait_until

BATCHES = {"batches": True}


def tell(redis, user_id, **model):
    publish(redis, {"id": user_id, **model}, model_class="User")


def people(client, until):
    """Return the batches that a client gets up to that with a person in it."""
    batches = []
    while until not in [model["id"] for batch in batches for model in batch]:
        event = client.next("updated_models")
        assert event["class"] == "User"
        batches.append(event["models"])
    return batches


def test_a_thousand_people_are_few_events_for_who_asked_and_one_each_for_others(
    redis, connect
):
    together, single = connect(auth=BATCHES), connect()
    for number in range(1000):
        tell(redis, number)
    heard = [single.next()["model"]["id"] for _ in range(1000)]
    assert heard == list(range(1000))
    batches = people(together, until=999)
    assert [one["id"] for batch in batches for one in batch] == heard
    assert max(map(len, batches)) <= 100
    assert not together.heard("updated_model")
    assert not single.heard("updated_models")


def test_the_newest_of_a_person_counts(redis, connect):
    together, single = connect(auth=BATCHES), connect()
    for online in (True, False):
        tell(redis, 1, online=online)
    tell(redis, 2)
    single.next()
    last = {
        model["id"]: model for batch in people(together, until=2) for model in batch
    }
    assert last == {1: {"id": 1, "online": False}, 2: {"id": 2}}


def test_messages_come_at_once_to_everybody(redis, connect):
    clients = [connect(auth=BATCHES), connect()]
    publish(redis, {"id": 7})
    for client in clients:
        assert client.next() == {"class": "Message", "model": {"id": 7}}


def test_nothing_is_kept_for_clients_that_have_gone(redis, connect, instance):
    together, other = connect(auth=BATCHES), connect()
    together.close()
    wait_until(lambda: not together.connected)
    tell(redis, 3)
    assert other.next()["model"] == {"id": 3}
    again = connect(auth=BATCHES)
    tell(redis, 4)
    assert [model["id"] for model in people(again, until=4)[0]] == [4]


def test_other_wishes_are_none(redis, connect):
    for auth in ({"batches": "yes"}, {"batches": 1}, {"batches": None}, [], "x"):
        client = connect(auth=auth)
        tell(redis, 5)
        assert client.next()["model"] == {"id": 5}
