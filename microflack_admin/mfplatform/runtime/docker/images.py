"""Images: those of services, and the platform's own, which are built when missing."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mfplatform.packaging import requirements
from mfplatform.packaging.sources import digest
from mfplatform.runtime.docker import engine
from mfplatform.state.home import Home
from mfplatform.state.instances import Build

ADMIN = Path(__file__).resolve().parents[3]
FOLDER = ADMIN / "images"
# How a service is built whose folder does not say it.
RECIPE = {
    "Dockerfile": "Dockerfile",
    "build.sh": "build.sh",
    ".dockerignore": "dockerignore",
}
# Releases of before hashes were required.
UNHASHED = {**RECIPE, "Dockerfile": "Dockerfile.unhashed"}
# A published image can take the place of these; the setting names it.
REPLACEABLE = {
    "etcd": "MF_REGISTRY_IMAGE",
    "mariadb": "MF_DATABASE_IMAGE",
    "redis": "MF_QUEUE_IMAGE",
}
BUILD_TIMEOUT_SECONDS = 1800
SHARED_STAGE = "FROM debian:bookworm-slim AS python"


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


def command(found: Mapping[str, Any], own: Sequence[str] = ()) -> list[str]:
    """Return what an image starts, with ``own`` in place of its CMD if that is said."""
    config = found["Config"]
    return [*(config.get("Entrypoint") or ()), *(own or config.get("Cmd") or ())]


def build(home: Home, service: str, source: Path, tags: Sequence[str]) -> Build:
    """Have an image of a source.

    The folder's own build.sh does it; one without, such as that of a release from
    before services had one, is built as the others are.
    """
    if engine.image(f"{name(service)}:latest") is None:
        # Somebody who builds only old releases expects a plain `mfrun SERVICE` to work.
        tags = [*tags, "latest"]
    before = engine.image_ids(name(service))
    if not all((source / file).is_file() for file in ("Dockerfile", "build.sh")):
        recipe = RECIPE if (source / "requirements.in").exists() else UNHASHED
        for own, general in recipe.items():
            shutil.copy(Path(__file__).parent / "image" / general, source / own)
    print(f"Building {service}", file=sys.stderr, flush=True)
    done = subprocess.run(
        [source / "build.sh", *tags],
        env=os.environ | {"WHEELHOUSE": str(home.path / "wheelhouse")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise engine.EngineError(engine.explain(done.stdout))
    found = engine.image(f"{name(service)}:{tags[0]}")
    if found is None:
        raise engine.EngineError(f"build.sh of {service} has made no image")
    version = (source / "VERSION").read_text(encoding="utf-8").strip()
    _describe(home.images / service / short_id(found), service, version, found["Id"])
    return Build(short_id(found), found["Id"] not in before)


def platform_image(home: Home, part: str) -> str:
    """Return the image of a part: a published one, or the one that is built here."""
    chosen = home.settings.get(REPLACEABLE.get(part, ""), "")
    if chosen:
        return chosen
    with TemporaryDirectory() as context:
        return _staged(home, part, Path(context))


def is_published(home: Home, part: str) -> bool:
    """Tell whether a published image takes the place of the platform's own."""
    return bool(home.settings.get(REPLACEABLE.get(part, "")))


def have_all(home: Home, parts: Iterable[str]) -> None:
    """Build those of the platform's images that are not there, side by side."""
    needed = [p for p in sorted(parts) if not home.settings.get(REPLACEABLE.get(p, ""))]
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
                engine.docker(*build, timeout_seconds=BUILD_TIMEOUT_SECONDS)
                name, version = tag.split(":")
                _describe(home.images / name / version, name, version, tag)


def _describe(folder: Path, name: str, version: str, image: str) -> None:
    """Write down what an image really holds, unless that was done before."""
    # Here and not above: every command would wait for its libraries.
    from mfplatform.packaging import sbom

    if not (folder / sbom.FILE).exists():
        with TemporaryDirectory() as copied:
            engine.copy_out(image, sbom.PATTERNS, Path(copied))
            sbom.write(folder / sbom.FILE, name, version, Path(copied))


def _staged(home: Home, part: str, context: Path) -> str:
    """Put what an image is made of into a folder; return the image's name."""
    shutil.copytree(FOLDER / part, context, dirs_exist_ok=True)
    recipe = _recipe(part)
    for path in re.findall(r"^COPY (mfplatform/\S+)", recipe, re.MULTILINE):
        _copy(ADMIN / path, context / path)
    if "COPY wheelhouse" in recipe:
        _stage_wheels(home, context)
    return f"microflack-{part}:{digest(context)[:12]}"


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def _stage_wheels(home: Home, context: Path) -> None:
    (context / "wheelhouse").mkdir()
    for wheel in requirements.read(home, context / "requirements.txt").wheels:
        shutil.copy(wheel, context / "wheelhouse")
