"""Show what was built.

python -m mfplatform.commands.images [--json] [SERVICE...]
"""

import json
import sys
from typing import Any

from mfplatform.commands.status import table
from mfplatform.runtime import base
from mfplatform.runtime.base import Runtime
from mfplatform.state import disk, instances
from mfplatform.state.home import Home, PlatformError

COLUMNS = ("service", "version", "image", "tags", "built", "size", "instances")


def listed(home: Home, runtime: Runtime, services: list[str]) -> list[dict[str, Any]]:
    """Return the images, the newest of each service first, and what runs of them.

    ``built`` is when it was built or asked for last, in Unix seconds.
    """
    running = instances.all_instances(home)
    images = [one for name in services or [""] for one in runtime.stored_images(name)]
    return [
        {
            "service": one.service,
            "version": one.version,
            "image": one.id,
            "tags": list(one.tags),
            "built": one.built,
            "bytes": one.bytes,
            "instances": [
                each.name
                for each in running
                if (each.service, each.image) == (one.service, one.id)
            ],
        }
        for one in sorted(images, key=lambda one: (one.service, -one.built))
    ]


def show(images: list[dict[str, Any]]) -> str:
    """Return them as a table."""
    if not images:
        return "Nothing is built yet. Build it with: mfbuild SERVICE"
    rows = [
        one
        | {
            "tags": ", ".join(one["tags"]) or "-",
            "size": disk.plain(one["bytes"]),
            "instances": ", ".join(one["instances"]) or "-",
        }
        for one in images
    ]
    return table(rows, COLUMNS)


def main(arguments: list[str]) -> int:
    """Print the images."""
    home, as_json = Home.here(), "--json" in arguments
    services = [word for word in arguments if word != "--json"]
    try:
        images = listed(home, base.create(home), services)
    except (PlatformError, OSError) as error:
        print(f"mfbuild: {error}", file=sys.stderr)
        return 1
    print(json.dumps({"images": images}, indent=2) if as_json else show(images))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
