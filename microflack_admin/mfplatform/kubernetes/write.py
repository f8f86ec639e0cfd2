"""Write what follows from the service.env files into install/kubernetes.

python -m mfplatform.kubernetes.write [FOLDER]
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from mfplatform.kubernetes import service, ways
from mfplatform.kubernetes.declared import Declared, services
from mfplatform.kubernetes.texts import indented

CHECKOUT = Path(__file__).resolve().parents[3]
INSTALL = CHECKOUT / "microflack_admin" / "install" / "kubernetes"
# A file for each service is in each of them.
FOLDERS = ("base/services", "production/scaling")
HEADER = "# Written by install/kubernetes/generate: change service.env or templates/.\n"


def files() -> Iterator[tuple[str, str]]:
    """Yield each file, below the folder, and its text."""
    found = services(CHECKOUT)

    def template(name: str) -> str:
        return (INSTALL / "templates" / name).read_text()

    for one in found:
        text = service.manifest(one, template("service.yaml"), template("job.yaml"))
        yield f"base/services/{one.name}.yaml", HEADER + text
        text = template("scaling.yaml").replace("@NAME@", one.name)
        yield f"production/scaling/{one.name}.yaml", HEADER + text
    names = "".join(f"- {one.name}.yaml\n" for one in found)
    for folder in FOLDERS:
        yield f"{folder}/kustomization.yaml", f"{HEADER}resources:\n{names}"
    yield "base/ingress.yaml", HEADER + ways.ingress(found, template("ingress.yaml"))
    text = ways.balancer(found, template("haproxy.cfg"))
    yield "base/haproxy.cfg", HEADER + text
    gate = template("registry.yaml").replace("@ACCOUNTS@", indented(_gate(found), 12))
    yield "base/registry.yaml", HEADER + gate


def _gate(found: list[Declared]) -> str:
    """Return the gate's variables: each account, and what it may read and write."""
    text = ""
    for one in (one for one in found if one.registry):
        key = f"{{name: {one.name}, key: registry-password}}"
        text += f"- {{name: PASSWORD_{one.name}, valueFrom: {{secretKeyRef: {key}}}}}\n"
        for verb in ("READS", "WRITES"):
            if rights := one.settings.get(f"REGISTRY_{verb}"):
                text += f'- {{name: {verb}_{one.name}, value: "{rights}"}}\n'
    return text


def main(arguments: list[str]) -> None:
    """Write the files that differ, and remove those of services that are gone."""
    folder = Path(arguments[0]) if arguments else INSTALL
    wanted = dict(files())
    for name, text in wanted.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists() or file.read_text() != text:
            file.write_text(text)
            print(file)
    for name in FOLDERS:
        for file in (folder / name).iterdir():
            if f"{name}/{file.name}" not in wanted:
                file.unlink()


if __name__ == "__main__":
    main(sys.argv[1:])
