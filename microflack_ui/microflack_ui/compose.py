"""Make one file of many, so that a browser asks once and not sixty times.

The files in ``static`` stay as they are written, and work as they are. What is served
as ``app.js`` is that module with all that it imports, each in a scope of its own; what
is served as ``style.css`` is that sheet with all that it imports. Libraries stay files
of their own, which the import map names.
"""

import re
from pathlib import Path, PurePosixPath

IMPORT = re.compile(r'^import\s+([^;]+?)\s+from\s+"([^"]+)";\n', re.M)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const) (\w+))", re.M)
NOT_KNOWN = re.compile(r"^(?:import|export)\b(?!\().*", re.M)
STYLE_IMPORT = re.compile(r'^@import "([^"]+)";\n', re.M)


class NotComposable(Exception):
    """A module is written in a way that is not known here; the text says where."""


def script(folder: Path, entry: str) -> str:
    """Return the module ``entry``, a path in ``folder``, with all that it imports.

    Raises ``NotComposable`` when two modules import each other, or an import or export
    has a form that no module here has (such as ``export default``).
    """
    bundle = _Bundle(folder)
    bundle.add(entry, ())
    libraries = [
        f'import * as {name} from "{library}";\n'
        for library, name in bundle.libraries.items()
    ]
    return "".join(libraries + bundle.parts)


def style(folder: Path, entry: str) -> str:
    """Return the style sheet ``entry`` with those that it imports in their places."""
    sheet = (folder / entry).read_text()
    return STYLE_IMPORT.sub(lambda found: (folder / found[1]).read_text(), sheet)


class _Bundle:
    """The modules so far: each is a function that is called once, in its turn."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names: dict[str, str] = {}
        self.libraries: dict[str, str] = {}
        self.parts: list[str] = []

    def add(self, path: str, importers: tuple[str, ...]) -> str:
        """Add a module after those that it needs; return the name it has here."""
        if path in importers:
            raise NotComposable(f"{path} imports itself, through {importers[-1]}.")
        if path not in self._names:
            text = (self._folder / path).read_text()
            text = IMPORT.sub(
                lambda found: self._constant(found, path, (*importers, path)), text
            )
            exports = ", ".join(EXPORT.findall(text))
            text = EXPORT.sub("", text)
            if unknown := NOT_KNOWN.search(text):
                raise NotComposable(f"{path}: {unknown[0]!r} is not known here.")
            name = self._names[path] = f"module{len(self._names)}"
            self.parts.append(
                f"\n// {path}\n\nconst {name} = (() => {{\n{text}\n"
                f"return {{ {exports} }};\n}})();\n"
            )
        return self._names[path]

    def _constant(
        self, found: re.Match[str], path: str, importers: tuple[str, ...]
    ) -> str:
        what, source = found.groups()
        if source.startswith("."):
            module = self.add(_resolve(path, source), importers)
        else:
            module = self.libraries.setdefault(source, f"library{len(self.libraries)}")
        if what.startswith("* as "):
            what = what.removeprefix("* as ")
        elif what.startswith("{"):
            what = what.replace(" as ", ": ")
        else:
            module += ".default"
        return f"const {what} = {module};\n"


def _resolve(importer: str, source: str) -> str:
    parts: list[str] = []
    for part in (PurePosixPath(importer).parent / source).parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)
