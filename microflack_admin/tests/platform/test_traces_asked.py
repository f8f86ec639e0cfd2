"""MF_TRACES_TO: what can be asked for, and what instances are given of it."""

import pytest

from mfplatform.state import traces

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:4318", "https://collector.test/otlp", "http://[::1]"]
)
def test_an_address_is_given_to_instances_as_opentelemetry_has_it(address: str) -> None:
    recorded = traces.settle({}, {"MF_ASKED_TRACES_TO": f"{address}/"})
    assert traces.given(recorded) == {ENDPOINT: address}
    assert traces.settle(recorded, {}) == recorded


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("127.0.0.1:4318", "must be http://HOST:PORT"),
        ("grpc://collector:4317", "must be http://HOST:PORT"),
        ("http://", "must be http://HOST:PORT"),
        ("http://collector:port", "must be http://HOST:PORT"),
        ("http://collector:99999", "must be http://HOST:PORT"),
        ("http://collector/?key=secret", "must be http://HOST:PORT"),
        ("http://a host", "must be http://HOST:PORT"),
        ("https://me:secret@collector", "takes no user and no password"),
    ],
)
def test_what_is_no_receiver_is_refused_and_its_secret_not_told(
    address: str, reason: str
) -> None:
    with pytest.raises(ValueError, match=f"^MF_TRACES_TO .*{reason}") as refused:
        traces.settle({}, {"MF_ASKED_TRACES_TO": address})
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("share", ["0", "1.5", "-1", "half", "nan", "0,1"])
def test_a_share_that_is_none_is_refused(share: str) -> None:
    with pytest.raises(ValueError, match=f"^MF_TRACES_SHARE takes .*'{share}'"):
        traces.settle({}, {"MF_ASKED_TRACES_SHARE": share})


def test_of_a_share_of_the_requests_it_is_decided_once_for_all_services() -> None:
    settings = {"MF_TRACES_TO": "http://collector:4318", "MF_TRACES_SHARE": "0.1"}
    given = traces.given(settings)
    assert given["OTEL_TRACES_SAMPLER"] == "parentbased_traceidratio"
    assert given["OTEL_TRACES_SAMPLER_ARG"] == "0.1"
    found = traces.told(settings)
    assert found is not None
    assert traces.sentence(found) == (
        "Traces of 0.1 of all requests are sent to http://collector:4318."
    )


@pytest.mark.parametrize("nobody", ["off", "none"])
def test_who_was_told_is_not_any_more(nobody: str) -> None:
    recorded = {"MF_TRACES_TO": "http://collector:4318", "MF_TRACES_SHARE": "0.1"}
    settings = traces.settle(recorded, {"MF_ASKED_TRACES_TO": nobody})
    assert traces.given(settings) == {}
    assert traces.told(settings) is None
