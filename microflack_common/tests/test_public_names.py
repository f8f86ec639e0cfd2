"""What other folders may rely on: a name that vanishes breaks services in use."""

import importlib

import pytest

PUBLIC = {
    "config": {"Environment", "ConfigError", "Instance"},
    "errors": {"init_app", "depends_on", "error_response", "ServiceUnavailable"},
    "fields": {"Body", "Text", "Count"},
    "health": {"init_app", "Activity"},
    "logs": {"init_app", "configure", "current_request_id", "JsonFormatter"},
    "register": {"Registration"},
    "registry": {"Registry", "RegistryError", "Tree"},
    "serve": {"post_worker_init", "answers_ready", "Logger"},
    "testing": {"FakeRegistry", "running", "flask_run"},
}  # fmt: skip


@pytest.mark.parametrize("module", sorted(PUBLIC))
def test_a_module_keeps_its_public_names(module):
    names = vars(importlib.import_module(f"microflack_common.{module}"))
    assert set(names) >= PUBLIC[module]
