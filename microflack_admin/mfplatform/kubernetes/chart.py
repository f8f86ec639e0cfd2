"""Write a Helm chart of what kustomize puts together: the same objects, with values.

python -m mfplatform.kubernetes.chart FOLDER
"""

import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from mfplatform.kubernetes.declared import services
from mfplatform.kubernetes.write import CHECKOUT, INSTALL
from mfplatform.state.home import PlatformError

TEMPLATES = INSTALL / "templates" / "chart"
# What values take the place of.
REPLACED = (
    (r"^  namespace: microflack$", "  namespace: {{ .Release.Namespace }}"),
    (r"^  access: .*$", "  access: {{ .Values.access }}"),
    (r"^  database-host: .*$", "  database-host: {{ .Values.databaseHost | quote }}"),
    (r"^  cluster-domain: .*$", "  cluster-domain: {{ .Values.clusterDomain }}"),
    (
        r"^(\s*-? *)image: (microflack_(\w+)).*$",
        r'\1image: "{{ .Values.images }}\2:{{ .Values.tags.\3 }}"',
    ),
    # A job cannot be changed: each revision of the release has its own.
    (r"^  name: (\w+-migrate)$", r"  name: \1-{{ .Release.Revision }}"),
    (r"^  rules:\n  - http:$", (TEMPLATES / "ingress.txt").read_text().rstrip("\n")),
)
# In place of the hash in a ConfigMap's name: pods are replaced when a setting changes.
SETTINGS = """\
    metadata:
      annotations:
        microflack/settings: {{ printf "%s %s %s" .Values.access .Values.databaseHost
          .Values.clusterDomain | sha256sum | quote }}
"""


def objects(overlay: str) -> list[str]:
    """Return the text of each object of a kustomization.

    :raises PlatformError: kubectl is missing, or finds something wrong.
    """
    command = ["kubectl", "kustomize", str(INSTALL / overlay)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise PlatformError(f"kubectl cannot be run: {error}") from error
    if done.returncode:
        raise PlatformError(f"{overlay}: {done.stderr.strip()}")
    return [one.strip("\n") for one in re.split(r"^---$", done.stdout, flags=re.M)]


def is_one_of(text: str, *kinds: str) -> bool:
    """Tell whether an object is of one of these kinds."""
    found = re.search(r"^kind: (.*)$", text, re.M)
    return found is not None and found[1] in kinds


def with_settings(text: str) -> str:
    """Return an object's text with what has its pods replaced for other settings."""
    if not is_one_of(text, "Deployment") or "name: settings-" not in text:
        return text
    return text.replace("    metadata:\n", SETTINGS, 1)


def template(texts: Iterable[str], condition: str = "") -> str:
    """Return objects with values in them, which are there if a condition is true."""
    text = "\n---\n".join(map(with_settings, texts)) + "\n"
    for pattern, by in REPLACED:
        text = re.sub(pattern, by, text, flags=re.M)
    if not condition:
        return text
    return f"{{{{- if {condition} }}}}\n{text}{{{{- end }}}}\n"


def tags() -> str:
    """Return the values that name the versions: those of the folders."""
    found = {"ecs": INSTALL.parent / "ecs" / "image" / "VERSION"}
    for one in services(CHECKOUT):
        found[one.name] = CHECKOUT / f"microflack_{one.name}" / "VERSION"
    known = {name: file.read_text().strip() for name, file in found.items()}
    known |= {"mariadb": "1", "redis": "1"}
    return "".join(f'  {name}: "{tag}"\n' for name, tag in known.items())


def files() -> dict[str, str]:
    """Return the text of each file of the chart, by its name.

    :raises PlatformError: kubectl cannot put the objects together.
    """
    base = [one for one in objects("base") if not is_one_of(one, "Namespace")]
    small = [one for one in objects("small") if not is_one_of(one, "Namespace")]
    more = [one for one in small if one not in base]
    door = [one for one in more if "\n  type: NodePort" in one]
    kinds = ("HorizontalPodAutoscaler", "PodDisruptionBudget")
    production = objects("production")
    scaling = [one for one in production if is_one_of(one, *kinds)]
    policies = [one for one in production if is_one_of(one, "NetworkPolicy")]
    managed = [one for one in policies if one not in base]
    values = (TEMPLATES / "values.yaml").read_text()
    return {
        "Chart.yaml": (TEMPLATES / "Chart.yaml").read_text(),
        "values.yaml": f"{values}tags:\n{tags()}",
        "templates/base.yaml": template(base),
        "templates/data.yaml": template(
            (one for one in more if one not in door), ".Values.data"
        ),
        "templates/managed.yaml": template(managed, "not .Values.data"),
        "templates/door.yaml": template(door, ".Values.door"),
        "templates/scaling.yaml": template(scaling, ".Values.scaling"),
    }


def main(arguments: list[str]) -> int:
    """Write the chart into a folder, which may be there."""
    try:
        for name, text in files().items():
            file = Path(arguments[0]) / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    except (PlatformError, OSError) as error:
        print(f"chart: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
