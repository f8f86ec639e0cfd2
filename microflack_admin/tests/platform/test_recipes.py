"""How a service's Docker image is made: the same way for all, and for old releases."""

from pathlib import Path

import pytest

ADMIN = Path(__file__).parents[2]
RECIPE = ADMIN / "mfplatform" / "runtime" / "docker" / "image"
SERVICES = sorted(file.parent for file in ADMIN.parent.glob("microflack_*/service.env"))


@pytest.mark.parametrize("service", SERVICES, ids=lambda folder: folder.name)
@pytest.mark.parametrize("name", ["Dockerfile", "build.sh", ".dockerignore"])
def test_every_service_is_built_like_releases_without_a_recipe(
    service: Path, name: str
) -> None:
    general, own = RECIPE / name.removeprefix("."), service / name
    assert own.read_bytes() == general.read_bytes()
    assert own.stat().st_mode & 0o111 == general.stat().st_mode & 0o111
