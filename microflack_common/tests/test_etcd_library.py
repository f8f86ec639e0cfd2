"""What is loaded with python-etcd, and what is not."""

import os
import subprocess
import sys
from pathlib import Path

CODE = """
import sys
import microflack_common.registry
assert "dns.resolver" not in sys.modules
assert "urllib3.contrib.pyopenssl" not in sys.modules
try:
    import urllib3.contrib.pyopenssl
except RuntimeError as error:
    print(error)
"""


def test_another_tls_is_loaded_by_who_asks_for_it_alone(tmp_path):
    (tmp_path / "OpenSSL").mkdir()
    (tmp_path / "OpenSSL" / "__init__.py").write_text("raise RuntimeError('loaded')")
    paths = [str(tmp_path), str(Path(__file__).parents[1])]
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == ("loaded\n", "")
