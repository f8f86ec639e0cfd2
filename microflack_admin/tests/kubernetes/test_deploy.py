"""Calls of deploy that cannot work: one sentence each, and nothing half-made."""

import os
import subprocess

import pytest
from checkouts import overlay
from cluster import told
from daemons import wait_for
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


def test_a_cluster_whose_store_is_away_is_left_alone(cluster):
    cluster.program("stop", "etcd", "KILL")
    try:
        said = told(cluster.deploy())
    finally:
        cluster.program("start", "etcd")
    assert "does not answer, nothing was changed: " in said
    wait_for(lambda: cluster.run("kubectl", "get", "nodes").returncode == 0)
    assert not cluster.has_namespace()


def test_nodes_that_are_too_small_are_named(cluster, tmp_path):
    path = "/spec/template/spec/containers/0/resources"
    size = {"requests": {"memory": "9Ti"}}
    much = [{"op": "replace", "path": path, "value": size}]
    folder = overlay(
        tmp_path / "mine", INSTALL / "small", ({"kind": "StatefulSet"}, much)
    )
    call = ("--overlay", folder)
    # A second is enough to be told, unless the scheduler is slow today.
    wait_for(lambda: "Insufficient memory" in _waits_a_second(cluster, call))


def _waits_a_second(cluster, call):
    return told(cluster.deploy(*call, KUBERNETES_TIMEOUT="1"))
