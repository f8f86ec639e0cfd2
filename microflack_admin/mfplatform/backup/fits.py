"""Whether a backup can be brought back by the services of this checkout.

Needs nothing but Python itself.
"""

from mfplatform.backup.manifest import Manifest, NoBackup
from mfplatform.monolith import services
from mfplatform.monolith.services import Service


def check(manifest: Manifest) -> dict[str, Service]:
    """Return the services that it has data of, by their names.

    :raises NoBackup: one is not known here, or was newer.
    """
    known = {one.name: one for one in services.in_checkout()}
    for name, data in manifest.services.items():
        if name not in known:
            raise NoBackup(
                f"it has data of a service {name}, which this checkout does not have"
            )
        if data.revision not in known[name].revisions:
            raise NoBackup(
                f"it is of a newer release of {name} than {known[name].version}, which "
                "this checkout has: take the newer checkout"
            )
    return {name: known[name] for name in manifest.services}
