"""Traces: they cost nothing where nobody is told of them."""

from microflack_common.testing import modules_of


def test_without_a_receiver_nothing_of_traces_is_loaded():
    settings = {"EPHEMERAL_SECRETS": "yes"}
    loaded = modules_of("microflack_ui", settings)
    assert "microflack_common.traces" in loaded
    assert not [one for one in loaded if "opentelemetry" in one or "tracing" in one]
