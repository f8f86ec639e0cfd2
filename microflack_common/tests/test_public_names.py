"""What other folders may rely on: a name that vanishes breaks services in use."""

import importlib

import pytest

PUBLIC = {
    "access": {"OPEN", "MEMBERS", "from_environment", "is_open"},
    "audience": {"Audience", "EVERYBODY", "room", "user"},
    "audit": {"record"},
    "auth": {"token_auth", "token_optional_auth", "basic_auth", "issue_token",
             "decode_token", "Claims", "InvalidToken", "current_user_id",
             "current_claims", "refuse", "reader_auth", "service_or_token_auth",
             "current_service"},
    "client_address": {"client_address"},
    "config": {"Environment", "ConfigError", "Instance", "version"},
    "database": {"engine_options", "autocommit", "answers", "read_value"},
    "deadlines": {"DeadlineSocket", "begin", "discard"},
    "description": {"init_app", "operations", "OPTIONAL"},
    "errors": {"init_app", "depends_on", "error_response", "ServiceUnavailable"},
    "fields": {"Body", "OptionalBody", "Text", "Count", "Flag", "Number"},
    "free_moment": {"execute"},
    "health": {"init_app", "add_gauge", "Activity"},
    "http": {"Client"},
    "limits": {"RateLimit", "TooMany", "init_app", "count"},
    "lifecycle": {"at_start", "at_stop", "start"},
    "local": {"SCHEME", "is_local"},
    "local_calls": {"LocalAdapter", "serve"},
    "local_queue": {"LocalQueue"},
    "local_registry": {"LocalRegistry"},
    "logs": {"init_app", "configure", "current_request_id", "current_address",
             "JsonFormatter"},
    "migrations": {"upgrade", "run_migrations"},
    "multipart": {"read_part", "size_of"},
    "outage": {"Outage", "backoff"},
    "pages": {"MAX_BYTES", "within_bytes"},
    "published_numbers": {"Number", "mark_published", "unpublished"},
    "picture_runner": {"ENVIRONMENT", "TIMEOUT_SECONDS", "TooManyPixels", "run"},
    "picture_work": {"limit_itself", "say", "open_picture", "check_size", "simple",
                     "save_webp", "MAX_PIXELS"},
    "publisher": {"CHANNEL", "Publication", "Publisher", "published_key"},
    "push": {"init_app", "updated_model", "removed_model", "unpublished",
             "unpublished_numbers", "answers"},
    "redis": {"connect"},
    "register": {"Registration"},
    "registries": {"connect"},
    "registry_pulse": {"RegistryPulse"},
    "registry": {"Registry", "RegistryError", "Tree", "Change", "HistoryLost"},
    "republished_keys": {"RepublishedKeys"},
    "revocation": {"init_app", "Revocations", "Cut"},
    "rights": {"Rights", "is_admin", "is_deactivated"},
    "service_tokens": {"issue_service_token", "decode_service_token", "are_possible",
                       "ServiceClaims"},
    "snapshot": {"snapshot"},
    "serve": {"post_worker_init", "answers_ready", "Logger"},
    "text": {"visible", "is_visible", "displayable", "INVISIBLE", "SHAPING"},
    "testing": {"basic", "bearer", "token_for", "FakeRegistry", "running", "flask_run",
                "free_port", "redis_server", "RedisServer"},
    "testing_etcd": {"EtcdServer", "etcd_server"},
    "testing_server": {"ServerProcess", "started", "free_port"},
    "tokens": {"issue_token", "decode_token", "Claims", "InvalidToken",
               "LIFETIME_SECONDS", "check_claims", "encode_claims",
               "read_token"},
    "uploads": {"accept", "of_request", "MULTIPART"},
    "versioned_cache": {"VersionedCache"},
    "watched_keys": {"WatchedKeys"},
    "workers": {"BatchWorker", "PeriodicTask"},
}  # fmt: skip


@pytest.mark.parametrize("module", sorted(PUBLIC))
def test_a_module_keeps_its_public_names(module):
    names = vars(importlib.import_module(f"microflack_common.{module}"))
    assert set(names) >= PUBLIC[module]
