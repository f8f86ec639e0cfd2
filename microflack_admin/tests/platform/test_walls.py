"""What may know what: walls between the folders, held by looking at the code."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from platforms import ADMIN

from mfplatform.runtime import base

PLATFORM = ADMIN / "mfplatform"
PYTHON = sorted(PLATFORM.rglob("*.py"))
# The commands that run and measure this checkout's tests know its engines and services.
TESTING = {"mftest", "tests.bash"}
SCRIPTS = [
    path
    for path in (*ADMIN.glob("bin/*"), *ADMIN.glob("lib/*"), ADMIN / "mfvars")
    if path.name not in TESTING
]
RUNTIMES = base.names()
SERVICES = sorted(
    file.parent.name.removeprefix("microflack_")
    for file in ADMIN.parent.glob("microflack_*/service.env")
)
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def imported(path: Path) -> Iterator[str]:
    """Yield every module that a file imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def strings(path: Path) -> Iterator[str]:
    """Yield the texts in a file's code, docstrings left out."""
    tree = ast.parse(path.read_text())
    documents = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, DOCUMENTED)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if text and id(node) not in documents:
            yield node.value


def code(path: Path) -> str:
    """Return a script without its comments."""
    lines = path.read_text().splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("#"))


def own_words(text: str, words: list[str]) -> set[str]:
    return set(re.findall(rf"\b({'|'.join(words)})\b", text))


def test_the_platform_does_not_know_the_tools() -> None:
    for path in PYTHON:
        tools = [name for name in imported(path) if name.startswith("mftools")]
        assert not tools, path


def test_only_the_docker_runtime_and_the_swarm_s_know_the_word() -> None:
    know = {PLATFORM / "runtime" / name for name in ("docker", "swarm")}
    for path in (*PYTHON, *SCRIPTS):
        if not know & set(path.parents):
            assert "docker" not in path.read_text().lower(), path


@pytest.mark.parametrize("name", RUNTIMES)
def test_a_runtime_is_imported_by_runtimes_alone(name: str) -> None:
    module = f"mfplatform.runtime.{name}"
    for path in PYTHON:
        if PLATFORM / "runtime" not in path.parents:
            own = [one for one in imported(path) if one.startswith(module)]
            assert not own, path


def test_the_platforms_code_names_no_service() -> None:
    folders = [f"microflack_{name}" for name in SERVICES]
    for path in PYTHON:
        for text in strings(path):
            assert text not in SERVICES, path
            assert not own_words(text, folders), path


def test_no_command_names_a_service() -> None:
    for path in SCRIPTS:
        assert not own_words(code(path), SERVICES), path


def copied(recipe: Path) -> set[str]:
    """Return the modules of the platform that an image gets."""
    found = set()
    for path in re.findall(r"^COPY (mfplatform/\S+)", recipe.read_text(), re.M):
        files = (ADMIN / path).rglob("*.py") if (ADMIN / path).is_dir() else [path]
        for file in files:
            module = (ADMIN / file).relative_to(ADMIN).with_suffix("")
            found.add(".".join(module.parts).removesuffix(".__init__"))
    return found


@pytest.mark.parametrize(
    "recipe", sorted(ADMIN.glob("images/*/Dockerfile")), ids=lambda path: path.parts[-2]
)
def test_what_an_image_copies_imports_nothing_else_of_the_platform(
    recipe: Path,
) -> None:
    modules = copied(recipe)
    for module in modules:
        file = ADMIN / (module.replace(".", "/") + ".py")
        for name in imported(file) if file.exists() else ():
            if name.startswith("mfplatform.") and is_module(name):
                assert name in modules, f"{module} imports {name}"


def is_module(name: str) -> bool:
    return (ADMIN / (name.replace(".", "/") + ".py")).exists()


@pytest.mark.parametrize(
    "module",
    [
        "mfplatform.commands.prepare",
        "mfplatform.commands.packages",
        "mfplatform.commands.passwords",
        "mfplatform.monolith.prepare",
        "mfplatform.monolith.requirements",
        *(f"mfplatform.runtime.{name}.runtime" for name in RUNTIMES),
    ],
)
def test_a_first_start_needs_nothing_but_python(module: str) -> None:
    bare = [sys.executable, "-S", "-P", "-W", "error", "-c", f"import {module}"]
    own = {"PYTHONPATH": str(ADMIN), "PATH": os.environ["PATH"]}
    done = subprocess.run(bare, env=own, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "module", ["caretaker.loop", "metrics.server", "status_page.server"]
)
def test_what_always_runs_for_operators_loads_no_web_framework(module: str) -> None:
    # Flask and what comes with it take 8 MB of each process.
    script = f"import sys, mfplatform.{module}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONPATH": str(ADMIN)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert {"flask", "jinja2", "werkzeug"}.isdisjoint(done.stdout.split())
