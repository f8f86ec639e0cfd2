"""What the guides for developers show works as it stands there, and nothing else."""

import re
from collections.abc import Callable

import requests
from backend import Backend
from checkouts import MFVARS, MakeCheckout
from daemons import free_port, wait_for
from guides import Guide, Terminal
from platforms import Platform

pytest_plugins = ["platform_fixtures", "guide_fixtures"]


def test_a_service_can_be_added(checkout: MakeCheckout) -> None:
    platform, guide = checkout([]), Guide("add-a-service.md")
    platform.done("mfup")
    share_tools(platform)
    guide.write_files("The least that a service is", platform.folder)
    (made,) = guide.commands("Add a service")
    (written,) = guide.commands("The least that a service is")
    with platform.terminal({}) as terminal:
        said = terminal.type(made)
        assert '{"items":[]}' in said, said
        assert re.search(r"^\d+ passed, 0 failed", said, re.MULTILINE), said
        assert terminal.type(written).rstrip().endswith('{"hello":"world"}')


def share_tools(platform: Platform) -> None:
    """Have mftest take the platform's tools, since installing them takes a while."""
    folder = platform.home / "test"
    folder.mkdir(mode=0o700)
    for name in ("tools", "wheelhouse"):
        (folder / name).symlink_to((platform.home / name).resolve())


def test_a_server_in_another_language_takes_part(
    platform: Platform, backend: Callable[..., Backend]
) -> None:
    own = backend("not Python")
    port = own.address.rpartition(":")[2]
    (commands,) = Guide("add-a-service.md").commands("In another language")
    with Terminal(platform.folder, platform.environment(), {"7000": port}) as terminal:
        terminal.type(f"{MFVARS}\n{commands}")
    url = f"http://127.0.0.1:{platform.port}/api/hello"
    wait_for(lambda: requests.get(url, timeout=60).text == "not Python")


def server(url: str) -> str:
    """Return the name of the server that answers, if one does."""
    try:
        return requests.get(url, timeout=60).headers.get("Server", "")
    except requests.ConnectionError:
        return ""


def test_a_service_can_be_developed(
    checkout: MakeCheckout,
) -> None:
    platform, guide = checkout(["microflack_users"]), Guide("develop.md")
    ports = {"5000": free_port(), "5001": free_port()}
    url = "http://127.0.0.1:{}/api/users"
    run, test = guide.commands("Alone")
    # One file of tests is enough here.
    narrow = {
        "PYTEST_ADDOPTS": "-k test_bad_input",
        "FLASK_RUN_PORT": str(ports["5000"]),
    }
    with platform.terminal(ports, **narrow) as alone:
        alone.wait_for("Serving Flask app", alone.begin(run))
        wait_for(lambda: "Werkzeug" in server(url.format(ports["5000"])))
        alone.interrupt()
        assert " passed" in alone.type(test)
    run, back = guide.commands("With the rest of the system running")
    with platform.terminal(ports) as terminal, platform.terminal(ports) as another:
        terminal.wait_for("Serving Flask app", terminal.begin(run))
        wait_for(lambda: "Werkzeug" in server(url.format(platform.port)))
        another.type(f"{MFVARS}\n{back}")
        wait_for(lambda: "Werkzeug" not in server(url.format(platform.port)))
        terminal.interrupt()
        (wheel,) = guide.commands("Change the common wheel")
        assert another.type(wheel).endswith("users-2\n")
