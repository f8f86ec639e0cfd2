"""Print the registry as a tree that people can read.

python -m mfplatform.commands.etcd_dump [--json] [KEY]
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping

from microflack_common.config import ConfigError, Environment
from microflack_common.registry import Registry, RegistryError

STEP = "  "
LONGEST_VALUE = 200


def tree_lines(values: Mapping[str, str], root: str = "/") -> Iterator[str]:
    """Yield one line for each key below ``root``, indented by its depth."""
    yield root
    shown: list[str] = []
    prefix = root.rstrip("/") + "/"
    for key in sorted(values, key=lambda key: key.split("/")):
        *folders, name = key.removeprefix(prefix).split("/")
        # Folders that the line before had too are not repeated.
        for depth, folder in enumerate(folders):
            if shown[: depth + 1] != folders[: depth + 1]:
                yield f"{STEP * (depth + 1)}{_printable(folder)}"
        shown = folders
        value = _printable(values[key])
        yield f"{STEP * (len(folders) + 1)}{_printable(name)} = {value}"


def _printable(text: str) -> str:
    """Return ``text`` without what could disturb a terminal, and not too long."""
    if len(text) > LONGEST_VALUE:
        text = text[:LONGEST_VALUE] + "..."
    return text if text.isprintable() else repr(text)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="etcd-dump")
    parser.add_argument("key", nargs="?", default="/")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    root = "/" + options.key.strip("/")
    environment = Environment()
    endpoints = environment.text("ETCD")
    try:
        environment.check()
        tree = Registry(endpoints).tree(root)
    except (ConfigError, RegistryError) as problem:
        print(problem, file=sys.stderr)
        return 1
    if tree.created is None:
        print(f"There is no key {root}.", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps({"key": root, "values": tree.values}, indent=2))
    else:
        print(*tree_lines(tree.values, root), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
