"""What Prometheus tells an operator: each rule speaks when it should, and only then."""

import re
import subprocess
from pathlib import Path

from metrics_names import RULES

TESTS = Path(__file__).with_name("metrics_rules.yml")


def promtool(*command: str | Path) -> None:
    done = subprocess.run(["promtool", *command], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_rules_are_in_order() -> None:
    promtool("check", "rules", RULES)


def test_each_rule_tells_when_it_should_and_not_before() -> None:
    promtool("test", "rules", TESTS)
    rules = re.findall(r"- alert: (\w+)", RULES.read_text())
    tested = re.findall(r"alertname: (\w+)", TESTS.read_text())
    assert len(rules) == len(set(rules)) > 10
    assert {name: tested.count(name) for name in rules if tested.count(name) < 2} == {}
