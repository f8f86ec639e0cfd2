"""Traces: they cost nothing where nobody is told of them."""

from microflack_common.testing import modules_of


def test_without_a_receiver_nothing_of_traces_is_loaded(tmp_path):
    settings = {
        "EPHEMERAL_SECRETS": "yes",
        "DATABASE_URL": f"sqlite:///{tmp_path}/its.db",
    }
    loaded = modules_of("microflack_tokens", settings)
    assert "microflack_common.traces" in loaded
    assert not [one for one in loaded if "opentelemetry" in one or "tracing" in one]
