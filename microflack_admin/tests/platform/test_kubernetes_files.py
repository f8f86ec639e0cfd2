"""The manifests for Kubernetes that follow from what services declare."""

import pytest
from platforms import ADMIN

from mfplatform.kubernetes.write import files

INSTALL = ADMIN / "install" / "kubernetes"
FILES = dict(files())


@pytest.mark.parametrize(("name", "text"), FILES.items(), ids=FILES)
def test_they_are_what_services_declare(name: str, text: str) -> None:
    assert (INSTALL / name).read_text() == text, "call install/kubernetes/generate"
