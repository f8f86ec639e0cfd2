"""The documents name everything there is, and nothing that is not."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ADMIN = Path(__file__).parents[2]
ROOT = ADMIN.parent
COMMANDS = sorted(path.name for path in (ADMIN / "bin").iterdir())
REFERENCE = (ADMIN / "docs" / "reference.md").read_text()
PAGES = sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("microflack_*/**/*.md"))
PAGES = [page for page in PAGES if not {"vendor", "venv"} & set(page.parts)]
SERVICES = sorted(ROOT.glob("microflack_*/service.env"))
SERVICES.append(ADMIN / "templates" / "service" / "service.env")
READERS = re.compile(r"env\.(?:text|integer|boolean|secret|url)\(\s*\"([A-Z_]+)\"")
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text()
# What commands and programs of the platform tell each other, and nobody sets.
INTERNAL = {
    "MF_ACME",
    "MF_ADMIN",
    "MF_ASKED_",
    "MF_ASKED_ACCESS",
    "MF_ASKED_BIND",
    "MF_ASKED_ETCD",
    "MF_ASKED_FILES",
    "MF_ASKED_LIMITS",
    "MF_ASKED_METRICS",
    "MF_ASKED_OPERATOR",
    "MF_ASKED_PORT",
    "MF_ASKED_RUNTIME",
    "MF_ASKED_SECRETS",
    "MF_ASKED_STATUS",
    "MF_ASKED_TRUSTED_PROXIES",
    "MF_ASKED_HOSTS",
    "MF_AUDITED",
    "MF_COLORS",
    "MF_COMMAND",
    "MF_FUNCTION",
    "MF_INSTANCE",
    "MF_INSTEAD",
    "MF_JOINED",
    "MF_LB_NAME",
    "MF_LOGS",
    "MF_OPERATOR_PORT",
    "MF_PLATFORM",
    "MF_PYTEST_ARGS",
    "MF_RESTORING",
    "MF_RESULTS",
    "MF_ROOT",
    "MF_SERVERS",
    "MF_SERVICES_PORT",
    "MF_THROUGH",
    "MF_TLS_FOLDER",
}


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


@pytest.mark.parametrize("service", SERVICES)
def test_every_setting_of_a_service_is_in_its_readme(service: Path) -> None:
    folder = service.parent
    readme = (folder / "README.md").read_text()
    for config in folder.glob("microflack_*/config.py"):
        for name in READERS.findall(config.read_text()):
            assert f"`{name}`" in readme


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_same_headings(service: Path) -> None:
    headings = re.findall(
        r"^## (.+)$", (service.parent / "README.md").read_text(), re.M
    )
    assert headings == ["Purpose", "API", "Environment", "Run it alone", "Test"]


def test_every_variable_that_the_platform_gives_is_in_the_reference() -> None:
    state = ADMIN / "mfplatform" / "state"
    source = (state / "instances.py").read_text() + (state / "access.py").read_text()
    given = set(re.findall(r"\"([A-Z]+(?:_[A-Z]+)*)\":", source))
    assert len(given) > 8
    for name in given:
        assert f"`{name}`" in REFERENCE


def sources() -> Iterator[str]:
    """Yield the text of all that is run: commands, platform, tools, services, wheel."""
    folders = [
        ADMIN / name for name in ("bin", "lib", "install", "mfplatform", "mftools")
    ]
    folders += [file.parent for file in ROOT.glob("microflack_*/*/__init__.py")]
    yield (ADMIN / "mfvars").read_text()
    for folder in folders:
        for file in folder.rglob("*"):
            if file.is_file() and file.suffix in ("", ".py", ".bash", ".sh", ".j2"):
                yield file.read_text()


def test_every_variable_that_commands_read_is_in_the_reference() -> None:
    read = {name for text in sources() for name in re.findall(r"\bMF_[A-Z_]+\b", text)}
    assert len(read) > 10
    assert read - INTERNAL == {n for n in read - INTERNAL if f"`{n}`" in REFERENCE}


def test_every_key_of_the_registry_is_in_the_reference() -> None:
    keys = REFERENCE.partition("## Keys in the registry")[2].partition("\n## ")[0]
    known = re.findall(r"^\| `/([^`]+)`", keys, re.MULTILINE)
    roots = "|".join({key.partition("/")[0] for key in known})
    used = {
        key
        for text in sources()
        for key in re.findall(rf"\"/((?:{roots})(?:/[^\"\s]+)?)\"", text)
    }
    assert len(used) > 8
    for key in used:
        assert any(covers(one, key) for one in known), key


def covers(documented: str, used: str) -> bool:
    """Say whether a key, or the folder of a key, is the documented one."""
    # NAME stands for anything, and so does what the code fills in.
    pairs = zip(used.split("/"), documented.split("/"), strict=False)
    return used.count("/") <= documented.count("/") and all(
        one == other or other.isupper() or one.startswith("{") for one, other in pairs
    )


def test_the_reference_names_no_command_that_is_not_there() -> None:
    rows = re.findall(r"^\| `(mf\w+|etcd-dump)\b", REFERENCE, re.MULTILINE)
    assert set(rows) == set(COMMANDS)


def test_the_architecture_is_short() -> None:
    assert len(ARCHITECTURE.splitlines()) <= 150


def test_the_folders_of_the_architecture_are_there() -> None:
    section = ARCHITECTURE.partition("## Where things are")[2].partition("\n## ")[0]
    named = re.findall(r"`([a-z_]+)/`", section)
    assert len(named) > 8
    for name in named:
        places = (ADMIN, ADMIN / "mfplatform", ADMIN / "mftools")
        assert any((one / name).is_dir() for one in places), name
