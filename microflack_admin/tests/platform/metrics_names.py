"""Names of figures: those that rules and dashboards ask for, and those there are."""

import json
import re
from collections.abc import Iterator

from platforms import ADMIN

METRICS = ADMIN / "mfplatform" / "metrics"
RULES = METRICS / "rules.yml"
DASHBOARDS = sorted((METRICS / "dashboards").glob("*.json"))
NAME = re.compile(r"\b(?:microflack|haproxy|http|connected)_\w+")


def expressions() -> Iterator[str]:
    """Yield what the dashboards ask Prometheus for."""
    for file in DASHBOARDS:
        for panel in json.loads(file.read_text())["panels"]:
            yield from (target["expr"] for target in panel["targets"])


def asked_for() -> set[str]:
    """Return the names of all figures in dashboards and rules."""
    return {
        name
        for text in (RULES.read_text(), *expressions())
        for name in NAME.findall(text)
    }


def told(text: str) -> set[str]:
    """Return the names of the figures that an answer has."""
    return set(re.findall(r"^(\w+)[{ ]", text, re.MULTILINE))
