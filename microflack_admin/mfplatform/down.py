"""Stop the instances, then the platform's parts, then their supervisor.

python -m mfplatform.down
"""

import sys
import xmlrpc.client

from mfplatform import instances
from mfplatform.settings import Home, PlatformError
from mfplatform.supervisor import Supervisor

# Instances leave the registry and finish what they began, within this many seconds.
PATIENCE = 10
# What uses another part goes before it.
WAVES = (("renderer", "haproxy"), ("redis", "mariadb"), ("etcd",))


def main() -> int:
    """Stop everything; what it knew stays on the disk."""
    home = Home.here()
    supervisor = Supervisor(home)
    try:
        if supervisor.is_running():
            running = [one.name for one in instances.all_instances(home)]
            if running:
                print(f"Stopping {', '.join(running)}", file=sys.stderr, flush=True)
                supervisor.stop(running, PATIENCE)
            print("Stopping the platform", file=sys.stderr, flush=True)
            for wave in WAVES:
                supervisor.stop(wave, PATIENCE)
            supervisor.shut_down()
        else:
            supervisor.end_left_behind()
    except (PlatformError, OSError, xmlrpc.client.Error) as error:
        print(f"mfdown: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
