"""The documents name everything there is, and nothing that is not."""

import re
import subprocess
from pathlib import Path

import pytest

ADMIN = Path(__file__).parents[2]
ROOT = ADMIN.parent
COMMANDS = sorted(path.name for path in (ADMIN / "bin").iterdir())
REFERENCE = (ADMIN / "docs" / "reference.md").read_text()
PAGES = sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("microflack_*/**/*.md"))
PAGES = [page for page in PAGES if not {"vendor", "venv"} & set(page.parts)]
READERS = re.compile(r"env\.(?:text|integer|boolean|secret|url)\(\s*\"([A-Z_]+)\"")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_reference(command: str) -> None:
    assert f"`{command}" in REFERENCE


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    done = subprocess.run(
        [ADMIN / "bin" / command, "--help"], capture_output=True, text=True
    )
    assert done.returncode == 0
    assert done.stdout.startswith("Summary: ")
    assert f"Usage: {command}" in done.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_in_the_guides_exist(page: Path) -> None:
    shown = re.findall(r"^ {4,}(?:\S*/)?(mf\w+|etcd-dump)\b", page.read_text(), re.M)
    assert set(shown) <= {*COMMANDS, "mfvars"}, shown


@pytest.mark.parametrize("service", sorted(ROOT.glob("microflack_*/service.env")))
def test_every_setting_of_a_service_is_in_its_readme(service: Path) -> None:
    folder = service.parent
    readme = (folder / "README.md").read_text()
    for config in folder.glob("microflack_*/config.py"):
        for name in READERS.findall(config.read_text()):
            assert f"`{name}`" in readme


@pytest.mark.parametrize("service", sorted(ROOT.glob("microflack_*/service.env")))
def test_every_service_has_the_same_headings(service: Path) -> None:
    headings = re.findall(
        r"^## (.+)$", (service.parent / "README.md").read_text(), re.M
    )
    assert headings == ["Purpose", "API", "Environment", "Run it alone", "Test"]


def test_every_variable_that_the_platform_gives_is_in_the_reference() -> None:
    source = (ADMIN / "mfplatform" / "state" / "instances.py").read_text()
    given = set(re.findall(r"\"([A-Z]+(?:_[A-Z]+)*)\":", source))
    assert len(given) > 8
    for name in given:
        assert f"`{name}`" in REFERENCE
