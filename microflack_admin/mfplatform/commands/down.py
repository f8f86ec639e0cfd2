"""Stop the instances, then the platform's parts, then what kept them running.

python -m mfplatform.commands.down
"""

import sys

from mfplatform.runtime import base
from mfplatform.runtime.base import Runtime
from mfplatform.state import instances, parts
from mfplatform.state.home import Home, PlatformError

# Instances leave the registry and finish what they began within this time.
STOP_TIMEOUT_SECONDS = 10


def stop_all(home: Home, runtime: Runtime) -> None:
    """Stop everything; what it knew stays on the disk."""
    minding = [part.name for part in runtime.parts() if part.minds_instances]
    runtime.stop(minding, STOP_TIMEOUT_SECONDS)
    running = [one.name for one in instances.all_instances(home)]
    if running:
        print(f"Stopping {', '.join(running)}", file=sys.stderr, flush=True)
        runtime.stop(running, STOP_TIMEOUT_SECONDS)
    print("Stopping the platform", file=sys.stderr, flush=True)
    for wave in parts.stop_waves(runtime.parts()):
        runtime.stop([part.name for part in wave], STOP_TIMEOUT_SECONDS)
    runtime.shut_down()


def main() -> int:
    """Stop what runs, or what is left of it."""
    home = Home.here()
    try:
        runtime = base.create(home)
        if runtime.is_running():
            stop_all(home, runtime)
        else:
            runtime.clear()
    except (PlatformError, OSError) as error:
        print(f"mfdown: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
