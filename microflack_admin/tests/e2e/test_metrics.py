"""What services tell Prometheus at ports of their own."""

import json
import re

import requests
from chat import ADMIN

METRICS = ADMIN / "mfplatform" / "metrics"
NAME = re.compile(r"\b(?:http|connected)_\w+")


def test_services_tell_what_rules_and_dashboards_ask_them_for(platform, person):
    # Somebody has asked for something.
    person("ada")
    files = [METRICS / "rules.yml", *METRICS.glob("dashboards/*.json")]
    wanted = {name for file in files for name in NAME.findall(file.read_text())}
    assert len(wanted) > 1
    status = json.loads(platform.run("mfstatus", "--json").stdout)
    told = set()
    for one in status["instances"]:
        url = f"http://{one['address']}/metrics"
        told |= set(NAME.findall(requests.get(url, timeout=60).text))
    assert wanted <= told
