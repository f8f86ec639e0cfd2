"""The registry's accounts where it has several gates: they are kept in itself.

Each gate reads them there, and again when they change (``gate/keeper.py``). The
platform writes them with its own account, which a gate knows from its start.
"""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

from mfplatform.state import gate_config, redundancy
from mfplatform.state.accounts import Account
from mfplatform.state.home import Home, PlatformError

# A gate looks each second. One that is away reads them when it is back.
TOLD_TIMEOUT_SECONDS = 15.0
POLL_SECONDS = 0.1


def publish(home: Home, maps: Mapping[str, Sequence[str]], account: Account) -> None:
    """Write all accounts, and wait until each gate that answers knows one of them.

    :param maps: the lines of each file that a gate looks things up in.
    :raises PlatformError: the registry does not take them.
    """
    # Only here: what prepares a first start imports this module without the wheel.
    from microflack_common.registry import Registry, RegistryError

    registry = Registry(home.etcd)
    try:
        for name, lines in maps.items():
            key, text = f"{gate_config.ACCOUNTS}/{name}", "\n".join(lines)
            if registry.get(key) != text:
                registry.put(key, text)
    except RegistryError as error:
        raise PlatformError(f"the registry takes no account: {error}") from error
    for host in redundancy.hosts(home.settings):
        with suppress(TimeoutError):
            _wait_known(f"{host.address}:{home.settings['ETCD_PORT']}", account)


def _wait_known(gate: str, account: Account) -> None:
    # Only here, since that module looks at the registry's gate as well.
    from mfplatform.state.probes import http_status

    own = f"{account.name}:{account.password}"
    path = f"/v2/keys/services/{account.name}"
    end = time.monotonic() + TOLD_TIMEOUT_SECONDS
    while http_status(gate, path, own) == 401:
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(POLL_SECONDS)
