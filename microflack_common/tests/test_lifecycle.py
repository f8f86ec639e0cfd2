"""What begins with the first request."""

import threading

from microflack_common.lifecycle import at_start, start


def test_functions_are_called_once_before_the_first_request(app, client):
    called = []
    at_start(app, lambda: called.append("one"))
    at_start(app, lambda: called.append("two"))
    assert called == []
    client.get("/healthz")
    client.get("/healthz")
    assert called == ["one", "two"]


def test_what_does_not_pass_through_flask_can_begin_it_as_well(app, client):
    start(app)
    called = []
    at_start(app, lambda: called.append("one"))
    start(app)
    client.get("/healthz")
    assert called == ["one"]


def test_nobody_is_answered_before_everything_has_begun(app, client):
    begun, go = threading.Event(), threading.Event()
    answered = []

    def begin():
        begun.set()
        go.wait(5)

    at_start(app, begin)

    def ask():
        answered.append(app.test_client().get("/healthz").status_code)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert begun.wait(5)
    assert answered == []
    go.set()
    for thread in threads:
        thread.join()
    assert answered == [200, 200]
