"""What is installed for a monolith, of what its services name."""

import pytest

from mfplatform.monolith.requirements import pinned, union
from mfplatform.state.home import PlatformError


def test_the_highest_of_what_services_pin_is_installed_with_its_hashes(tmp_path):
    one, two = tmp_path / "one.txt", tmp_path / "two.txt"
    one.write_text(
        "gunicorn==25.3.0\nmicroflack-common[events]==0.9\n# why\nidna==3.9\n"
    )
    two.write_text(
        "gunicorn==27.0.1 \\\n    --hash=sha256:ab\nIdna==3.20 ; a < '3'  # newer\n"
    )
    found = list(union([*pinned(one), *pinned(two)]))
    assert found == ["gunicorn==27.0.1 --hash=sha256:ab", "idna==3.20 ; a < '3'"]


def test_what_one_service_needs_everywhere_is_needed_everywhere(tmp_path):
    one, two = tmp_path / "one.txt", tmp_path / "two.txt"
    one.write_text("cffi==2.1.1 ; sys_platform == 'win32' --hash=sha256:ab\n")
    two.write_text("cffi==2.1.1 --hash=sha256:ab\nuv==1.0\n")
    assert list(union([*pinned(two), *pinned(one), *pinned(two)])) == [
        "cffi==2.1.1 --hash=sha256:ab",
        "cffi==2.1.1 ; sys_platform == 'win32' --hash=sha256:ab",
        "uv==1.0",
    ]


def test_what_is_not_pinned_is_named(tmp_path):
    file = tmp_path / "one.txt"
    file.write_text("flask>=3\n")
    with pytest.raises(PlatformError, match="'flask>=3' is not pinned"):
        list(pinned(file))
