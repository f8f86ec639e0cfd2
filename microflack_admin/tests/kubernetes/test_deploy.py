"""Calls of deploy that cannot work: one sentence each, and nothing half-made."""

import os
import subprocess

import pytest
from rendered import INSTALL, TOOLS

CALLS = [
    (["--access", "all"], 2, "--access needs open or members, not 'all'"),
    (["--images"], 2, "--images needs where the images are"),
    (["--overlay", "/nowhere"], 2, "--overlay needs a folder"),
    (["--fast"], 2, "unknown option --fast"),
    (["--context", "nowhere"], 1, "kubectl knows no context 'nowhere'. It knows: here"),
    ([], 1, "the cluster of the context 'here' does not answer, nothing was changed"),
]
# Nobody listens there.
CONFIG = """\
apiVersion: v1
kind: Config
clusters: [{name: here, cluster: {server: "http://127.0.0.1:1"}}]
users: [{name: here, user: {}}]
contexts: [{name: here, context: {cluster: here, user: here}}]
current-context: here
"""


def deploy(folder, *arguments, path):
    config = folder / "config"
    config.write_text(CONFIG)
    return subprocess.run(
        [INSTALL / "deploy", *arguments],
        env=os.environ | {"KUBECONFIG": str(config), "PATH": path},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(("arguments", "status", "said"), CALLS)
def test_a_wrong_call_is_told_in_one_sentence(tmp_path, arguments, status, said):
    if not TOOLS.exists():
        pytest.skip("kubectl is not here: mftest kubernetes installs it")
    path = f"{TOOLS}:{os.environ['PATH']}"
    done = deploy(tmp_path, *arguments, path=path)
    assert (done.returncode, done.stdout) == (status, "")
    assert said in done.stderr.splitlines()[0]


def test_without_kubectl_it_says_where_that_is(tmp_path):
    bare = tmp_path / "bin"
    bare.mkdir()
    for name in ("bash", "env", "dirname", "readlink", "paste", "sed", "awk"):
        found = subprocess.run(["which", name], capture_output=True, text=True)
        (bare / name).symlink_to(found.stdout.strip())
    done = deploy(tmp_path, path=str(bare))
    assert done.returncode == 1
    assert done.stderr.startswith("deploy: the command kubectl is missing: https://")
