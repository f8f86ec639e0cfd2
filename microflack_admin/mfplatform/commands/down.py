"""Stop the instances, then the platform's parts, then what kept them running.

python -m mfplatform.commands.down
"""

import sys
import xmlrpc.client

from mfplatform.runtime import base
from mfplatform.state import instances
from mfplatform.state.home import Home, PlatformError

# Instances leave the registry and finish what they began, within this many seconds.
PATIENCE = 10
# What uses another part goes before it.
WAVES = (("renderer", "haproxy"), ("redis", "mariadb"), ("etcd",), ("logs",))


def main() -> int:
    """Stop everything; what it knew stays on the disk."""
    home = Home.here()
    try:
        keeper = base.of(home)
        if keeper.is_running():
            running = [one.name for one in instances.all_instances(home)]
            if running:
                print(f"Stopping {', '.join(running)}", file=sys.stderr, flush=True)
                keeper.stop(running, PATIENCE)
            print("Stopping the platform", file=sys.stderr, flush=True)
            for wave in WAVES:
                keeper.stop(wave, PATIENCE)
            keeper.shut_down()
        else:
            keeper.clear()
    except (PlatformError, OSError, xmlrpc.client.Error) as error:
        print(f"mfdown: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
