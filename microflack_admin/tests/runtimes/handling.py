"""What a platform's runtime does to one of its parts or instances."""

import json
from typing import Any

from platforms import Platform

CODE = """
import json, sys
from dataclasses import asdict
from mfplatform.runtime import base
from mfplatform.state.home import Home

call, name = sys.argv[1:]
found = getattr(base.create(Home.here()), call)(name)
print(json.dumps(asdict(found) if found else None))
"""


def handle(platform: Platform, call: str, name: str) -> Any:
    """Have the runtime do something, as a command of the platform's checkout would."""
    admin = str(platform.folder / "microflack_admin")
    own = {"PYTHONPATH": admin, "MF_ADMIN": admin, "MF_HOME": str(platform.home)}
    python = platform.home / "tools" / "bin" / "python"
    done = platform.run(python, "-P", "-c", CODE, call, name, **own)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
