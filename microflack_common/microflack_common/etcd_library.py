"""python-etcd, without the DNS library that it loads.

It would find its servers by DNS if it were asked to, which nobody here does. That
library takes 3 MB of each process: a twentieth of what the five services hold.
"""

import sys
from types import ModuleType

UNUSED = "dns.resolver"

_loaded_before = UNUSED in sys.modules
sys.modules.setdefault(UNUSED, ModuleType(UNUSED))
import etcd  # type: ignore[import-untyped]  # noqa: E402

if not _loaded_before:
    # Whoever does need it loads it then.
    del sys.modules[UNUSED]

__all__ = ["etcd"]
