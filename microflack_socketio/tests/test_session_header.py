"""How the load balancer learns which instance has which session."""

import json
import re

import requests

SESSION = "X-Session-ID"
BEGIN = "/socket.io/?EIO=4&transport=polling"


def test_the_answer_that_begins_a_session_names_it(instance):
    answer = requests.get(instance.url + BEGIN, timeout=10)
    assert answer.headers[SESSION] == json.loads(answer.text[1:])["sid"]


def test_nobody_guesses_the_id_of_a_session(instance):
    answers = [requests.get(instance.url + BEGIN, timeout=10) for _ in range(3)]
    found = {json.loads(answer.text[1:])["sid"] for answer in answers}
    # 192 bits, none of which follows from the one before.
    assert len(found) == len({one[-4:] for one in found}) == 3
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{32}", one) for one in found)


def test_no_other_answer_does(instance):
    session = requests.get(instance.url + BEGIN, timeout=10).headers[SESSION]
    going_on = f"{instance.url}{BEGIN}&sid={session}"
    joined = requests.post(going_on, "40", timeout=10)
    assert (joined.text, SESSION in joined.headers) == ("OK", False)
    for url in (going_on, instance.url + "/healthz", f"{instance.url}{BEGIN}&sid=x"):
        assert SESSION not in requests.get(url, timeout=10).headers
