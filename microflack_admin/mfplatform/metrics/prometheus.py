"""What Prometheus is started with: whom it asks, its rules, who may ask it.

Reference: the documentation of Prometheus 2.42, "Configuration" and "HTTPS and
authentication". Its files are YAML, and so JSON will do.
"""

import json
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from mfplatform.state import metrics
from mfplatform.state.home import Home, write_private
from mfplatform.state.probes import http_status

RULES = Path(__file__).with_name("rules.yml")
SCRAPE_SECONDS = 15
# What has come or gone is known by then.
DISCOVERY_SECONDS = 5
KEPT_FOR, KEPT_SIZE = "15d", "512MB"
# A password of 64 random signs needs no more, and each look takes that long.
BCRYPT_ROUNDS = 4


def answers(home: Home) -> bool:
    """Tell whether Prometheus works; what it has kept it may still be reading."""
    login = metrics.login(home)
    return http_status(metrics.address(home), "/-/healthy", login) == 200


def settings(home: Home) -> dict[str, str]:
    """Return its environment: it is started anew when this changes."""
    text = _configuration(home) + RULES.read_text(encoding="utf-8")
    return {"CONFIGURATION": sha256(text.encode()).hexdigest()[:16]}


def prepare(home: Home, _runs: bool) -> None:
    """Write all that it is started with."""
    folder = metrics.folder(home)
    write_private(folder / "prometheus.yml", _configuration(home))
    write_private(folder / "password", home.secrets["STATS_PASSWORD"])
    _write_users(folder / "web.yml", home.secrets["STATS_PASSWORD"])


def command(home: Home, program: str) -> list[str]:
    """Return its command line."""
    folder = metrics.folder(home)
    return [
        program,
        f"--config.file={folder / 'prometheus.yml'}",
        f"--web.config.file={folder / 'web.yml'}",
        f"--web.listen-address={metrics.address(home)}",
        # No page of another origin reads what it answers.
        "--web.cors.origin=^$",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--storage.tsdb.retention.time={KEPT_FOR}",
        f"--storage.tsdb.retention.size={KEPT_SIZE}",
        "--log.level=warn",
    ]


def _configuration(home: Home) -> str:
    told = {
        "global": {
            "scrape_interval": f"{SCRAPE_SECONDS}s",
            "evaluation_interval": f"{SCRAPE_SECONDS}s",
        },
        "rule_files": [str(RULES)],
        # Instances are in the registry, where services write: they get no password.
        "scrape_configs": [
            _job(home, "platform", keep="platform") | _login(home),
            _job(home, "services", keep="service"),
        ],
    }
    return json.dumps(told, indent=1)


def _job(home: Home, name: str, keep: str) -> dict[str, Any]:
    """Describe how the targets of one kind are asked; all are in the same list."""
    kind = {"source_labels": ["__meta_kind"], "regex": keep, "action": "keep"}
    found = {
        "url": f"{home.operator}/metrics/targets",
        "refresh_interval": f"{DISCOVERY_SECONDS}s",
        **_login(home),
    }
    return {"job_name": name, "http_sd_configs": [found], "relabel_configs": [kind]}


def _login(home: Home) -> dict[str, Any]:
    file = str(metrics.folder(home) / "password")
    return {"basic_auth": {"username": metrics.USER, "password_file": file}}


def _write_users(file: Path, password: str) -> None:
    # Only here: what prepares a first start imports this module on a bare Python.
    import bcrypt

    # It has its salt, so it is written anew only if it is another one.
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        known = json.loads(file.read_text())["basic_auth_users"][metrics.USER]
        if bcrypt.checkpw(password.encode(), known.encode()):
            return
    made = bcrypt.hashpw(password.encode(), bcrypt.gensalt(BCRYPT_ROUNDS)).decode()
    write_private(file, json.dumps({"basic_auth_users": {metrics.USER: made}}))
