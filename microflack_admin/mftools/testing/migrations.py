"""Find what a database migration does that code of the release before cannot bear.

    python -m mftools.testing.migrations FOLDER...

During an upgrade, and after a rollback, older code works on the newer tables. So a
migration may add, but not take away or tighten. Where that is meant, since no release
in use needs the old any more, the line (or the one before it) says so:

    # older code bears it: nobody has read this column since release 3

A table is made by a revision only: what a service makes elsewhere is found, too.
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

MEANT = "# older code bears it: "
DROPS = {"drop_table", "drop_column", "rename_table"}
CONSTRAINTS = {
    "create_unique_constraint",
    "create_check_constraint",
    "create_foreign_key",
    "create_primary_key",
}
MAKERS = {"CreateTable", "create_table", "create_all"}
MAKING = re.compile(r"\bCREATE\s+TABLE\b", re.IGNORECASE)
SQL = re.compile(r"\b(DROP|RENAME|NOT\s+NULL|TRUNCATE)\b", re.IGNORECASE)
GUIDE = "See docs/upgrade.md for the way in several releases."


def problems(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and problem of each change that older code cannot bear."""
    module = ast.parse(source)
    lines = source.splitlines()
    upgrade = [one for one in module.body if getattr(one, "name", "") != "downgrade"]
    calls = [
        node
        for part in upgrade
        for node in ast.walk(part)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    made = {_text(call.args[0]) for call in calls if _name(call) == "create_table"}
    for call in calls:
        problem = _problem(call, made)
        around = lines[max(call.lineno - 2, 0) : call.lineno]
        if problem and not any(MEANT in line for line in around):
            yield call.lineno, problem


def made_outside(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and problem of each table that is made without a revision."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            makes = _name(node) in MAKERS
        elif isinstance(node, ast.Constant):
            makes = bool(MAKING.search(_text(node)))
        else:
            continue
        if makes:
            yield node.lineno, "a table that no revision makes"


def _problem(call: ast.Call, made: set[str]) -> str:
    name, given = _name(call), {one.arg: one.value for one in call.keywords}
    if name in DROPS:
        return f"{name} takes away what older code uses"
    if name == "add_column" and any(map(_is_needed, call.args)):
        return "a column without a default that must not be empty: older code omits it"
    if name == "alter_column":
        return _alteration(given)
    if name == "execute" and SQL.search(_text(*call.args)):
        return "SQL that takes away or tightens what older code uses"
    unique = name == "create_index" and _is(given.get("unique"), True)
    if (name in CONSTRAINTS or unique) and not made & {_text(a) for a in call.args}:
        return f"{name} may refuse what older code writes"
    return ""


def _alteration(given: dict[str | None, ast.expr]) -> str:
    if "new_column_name" in given:
        return "a column is renamed: older code knows the old name"
    if _is(given.get("nullable"), False) and "server_default" not in given:
        return "a column must not be empty any more: older code may leave it so"
    if "type_" in given:
        return "a column changes its type: older code writes the old one"
    return ""


def _is_needed(argument: ast.expr) -> bool:
    if not isinstance(argument, ast.Call) or _name(argument) != "Column":
        return False
    given = {one.arg: one.value for one in argument.keywords}
    return _is(given.get("nullable"), False) and "server_default" not in given


def _is(value: ast.expr | None, wanted: bool) -> bool:
    return isinstance(value, ast.Constant) and value.value is wanted


def _name(call: ast.Call) -> str:
    function = call.func
    return (
        function.attr if isinstance(function, ast.Attribute) else ast.unparse(function)
    )


def _text(*parts: ast.expr) -> str:
    """Return the texts in expressions."""
    nodes = (node for part in parts for node in ast.walk(part))
    constants = (node.value for node in nodes if isinstance(node, ast.Constant))
    return " ".join(text for text in constants if isinstance(text, str))


def main(folders: list[str]) -> int:
    """Check all migrations in folders, and the services that they belong to."""
    failed = 0
    for file, line, problem in _found(map(Path, folders)):
        print(f"{file}:{line}: {problem}. {GUIDE}", file=sys.stderr)
        failed = 1
    return failed


def _found(folders: Iterable[Path]) -> Iterator[tuple[Path, int, str]]:
    for folder in folders:
        revisions = sorted(folder.glob("versions/*.py"))
        package = folder.parent.glob("microflack_*/**/*.py")
        others = sorted([*folder.glob("*.py"), *package])
        for check, files in ((problems, revisions), (made_outside, others)):
            for file in files:
                for line, problem in check(file.read_text(encoding="utf-8")):
                    yield file, line, problem


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
