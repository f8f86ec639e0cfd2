"""python-etcd, without what it loads that nobody here needs.

It would find its servers by DNS if it were asked to: that library takes 3 MB of each
process, a twentieth of what the five services hold. And where pyOpenSSL is installed,
it has urllib3 use that instead of Python's own TLS, in all of the process: loading it
is a quarter of what a command takes to start.
"""

import sys
from types import ModuleType

DNS, OPENSSL = "dns.resolver", "urllib3.contrib.pyopenssl"

_before = {name: sys.modules[name] for name in (DNS, OPENSSL) if name in sys.modules}
sys.modules.setdefault(DNS, ModuleType(DNS))
# None: it cannot be imported.
sys.modules[OPENSSL] = None  # type: ignore[assignment]
import etcd  # type: ignore[import-untyped]  # noqa: E402

# Whoever does need them loads them then.
for _name in (DNS, OPENSSL):
    del sys.modules[_name]
sys.modules.update(_before)

__all__ = ["etcd"]
