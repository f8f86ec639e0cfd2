"""Images: those of services, and the platform's own, which are built when missing."""

import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mfplatform.packaging.sources import digest
from mfplatform.runtime.docker import engine
from mfplatform.state.home import Home

ADMIN = Path(__file__).parents[3]
FOLDER = ADMIN / "images"
# A published image can take the place of these; the setting names it.
REPLACEABLE = {
    "etcd": "MF_REGISTRY_IMAGE",
    "mariadb": "MF_DATABASE_IMAGE",
    "redis": "MF_QUEUE_IMAGE",
}
PATIENCE = 1800
SHARED_STAGE = "FROM debian:bookworm-slim AS python"
# What the platform's own programs need on the host only.
HOST_ONLY = ("supervisor", "uv", "pymysql")


def name(service: str) -> str:
    """Return the name of a service's images."""
    return f"microflack_{service}"


def of_service(service: str, tag: str) -> dict[str, Any] | None:
    """Return what there is to know of a service's image, by a tag or its id."""
    found = engine.image(f"{name(service)}:{tag}")
    if found is None and re.fullmatch(r"[0-9a-f]{12,64}", tag):
        found = engine.image(tag)
    return found


def short_id(found: Mapping[str, Any]) -> str:
    """Return the id of an image as people see it."""
    return str(found["Id"]).removeprefix("sha256:")[:12]


def labels(found: Mapping[str, Any]) -> dict[str, str]:
    """Return the labels of an image: what its service.env says is among them."""
    return dict(found["Config"].get("Labels") or {})


def platform_image(home: Home, part: str) -> str:
    """Return the image of a part: a published one, or the one that is built here."""
    chosen = home.settings.get(REPLACEABLE.get(part, ""), "")
    if chosen:
        return chosen
    with TemporaryDirectory() as context:
        return _staged(home, part, Path(context))


def have_all(home: Home) -> None:
    """Build the platform's images that are not there, side by side."""
    own = [path.name for path in sorted(FOLDER.iterdir())]
    needed = [p for p in own if not home.settings.get(REPLACEABLE.get(p, ""))]
    # Those that begin with the same stage are built in turn: side by side each would
    # make that stage for itself, and services would find one half of what they share.
    shared = [part for part in needed if SHARED_STAGE in _recipe(part)]
    turns = [shared, *([part] for part in needed if part not in shared)]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda turn: _have(home, turn), turns))


def _recipe(part: str) -> str:
    return (FOLDER / part / "Dockerfile").read_text(encoding="utf-8")


def _have(home: Home, parts: Sequence[str]) -> None:
    for part in parts:
        with TemporaryDirectory() as context:
            tag = _staged(home, part, Path(context))
            if engine.image(tag) is None:
                print(f"Building the image of {part}", file=sys.stderr, flush=True)
                build = ["build", "--quiet", "--tag", tag]
                build += ["--label", "app=microflack-platform", context]
                engine.docker(*build, timeout=PATIENCE)


def _staged(home: Home, part: str, context: Path) -> str:
    """Put what an image is made of into a folder; return the image's name."""
    shutil.copytree(FOLDER / part, context, dirs_exist_ok=True)
    recipe = _recipe(part)
    for path in re.findall(r"^COPY (mfplatform/\S+)", recipe, re.MULTILINE):
        _copy(ADMIN / path, context / path)
    if "COPY wheelhouse" in recipe:
        _stage_requirements(home, context)
    return f"microflack-{part}:{digest(context)[:12]}"


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def _stage_requirements(home: Home, context: Path) -> None:
    text = (ADMIN / "requirements.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.split("==")[0] not in HOST_ONLY]
    (context / "wheelhouse").mkdir()
    version = (ADMIN.parent / "microflack_common" / "VERSION").read_text().strip()
    wheel = f"microflack_common-{version}-py3-none-any.whl"
    # By its file: a package of that name in some index must never take its place.
    lines.append(f"microflack-common @ file:///opt/wheelhouse/{wheel}")
    (context / "requirements.txt").write_text("\n".join(lines) + "\n")
    wheelhouse = home.path / "wheelhouse"
    for file in (wheelhouse / wheel, *wheelhouse.glob("python_etcd-*.whl")):
        shutil.copy(file, context / "wheelhouse")
