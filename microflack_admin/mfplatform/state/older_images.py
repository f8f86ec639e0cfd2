"""What images need that were made before the registry wanted a password.

Their clients take a host and a port only. Python runs a file "sitecustomize" at its
start, wherever PYTHONPATH leads to it (the manual of its module "site"): this one adds
the name and password of ETCD and REDIS where those clients connect.
"""

from pathlib import Path

from mfplatform.state.home import Home, write_private

SOURCE = Path(__file__).parent.parent / "older_images" / "sitecustomize.py"


def folder(home: Home) -> Path:
    """Return the folder that PYTHONPATH has to name; have it ready."""
    # A copy, since a checkout may move.
    path = home.path / "older-images"
    write_private(path / SOURCE.name, SOURCE.read_text(encoding="utf-8"))
    # In a container another user reads it; it is no secret.
    path.chmod(0o755)
    (path / SOURCE.name).chmod(0o644)
    return path
