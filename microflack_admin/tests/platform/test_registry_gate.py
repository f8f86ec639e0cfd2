"""Nobody uses the registry without a password, and services only what they declare."""

import json
import shutil
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from access_servers import Servers
from daemons import wait_for
from playwright.sync_api import sync_playwright

from mfplatform.logs.lines import time_of
from mfplatform.state import accounts, registry_gate
from mfplatform.state.home import PlatformError
from microflack_common.registry import Registry, RegistryError

pytest_plugins = ["access_fixtures"]

TOKENS = {
    "NEEDS_JWT_KEY": "yes",
    "REGISTRY_READS": "/revoked-* /rights/*",
    "REGISTRY_WRITES": "/revoked-*",
}
DECLARED = {"NEEDS_JWT_KEY": "no"}
# Each tries to reach another key than it names.
CROOKED = [
    "/services/page/../tokens",
    "/services/page/%2e%2e/tokens",
    "/services/page//x",
    "/services/page/.x",
    "/services/pages/location",
    "/services/page%2flocation",
]


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
def test_nobody_comes_in_without_a_password(servers: Servers, method: str) -> None:
    found = servers.ask(method, "/services/x/location", data={"value": "/x"})
    assert (found.status_code, found.json()["errorCode"]) == (401, 110)
    stranger = accounts.Account("root", "a" * 64)
    assert servers.ask("GET", "/", stranger).status_code == 401


def test_the_platform_does_everything(servers: Servers) -> None:
    registry = Registry(servers.home.etcd)
    registry.put("/services/monolith/location", "/api")
    assert registry.tree("/").values["/services/monolith/location"] == "/api"
    assert registry.delete("/services/monolith", recursive=True)


def test_an_account_does_what_is_declared_and_nothing_else(servers: Servers) -> None:
    own = registry_gate.grant(servers.home, "tokens", TOKENS)
    registry = Registry(f"http://{own.address(servers.home.registry_address)}")
    registry.put("/services/tokens/upstream/tokens-1", "127.0.0.1:1", ttl=50)
    registry.put("/revoked-tokens/abc", "1")
    assert registry.get("/revoked-tokens/abc") == "1"
    assert "/revoked-tokens/abc" in registry.tree("/revoked-tokens").values
    assert registry.tree("/rights").values == {}
    assert registry.watch("/rights", registry.tree("/rights").index, 1) is False
    for key in ("/rights/users/1", "/services/users/upstream/x", "/upgrades/lock"):
        with pytest.raises(RegistryError, match="does not allow that"):
            registry.put(key, "1")
    for key in ("/", "/services", "/services/users", "/upgrades", "/loadbalancers"):
        with pytest.raises(RegistryError, match="does not allow that"):
            registry.tree(key)


@pytest.mark.parametrize("key", CROOKED)
def test_a_crooked_path_is_not_followed(servers: Servers, key: str) -> None:
    own = registry_gate.grant(servers.home, "page", DECLARED)
    assert servers.ask("PUT", "/services/page/x", own, data={"value": 1}).ok
    found = servers.ask("DELETE", key, own, params={"recursive": "true"})
    assert found.status_code == 403


def test_what_two_releases_declare_both_may_do(servers: Servers) -> None:
    registry_gate.grant(servers.home, "both", TOKENS)
    own = registry_gate.grant(
        servers.home, "both", {**DECLARED, "REGISTRY_WRITES": "/b"}
    )
    for key in ("/revoked-tokens/a", "/b"):
        assert servers.ask("PUT", key, own, data={"value": 1}).ok


def test_a_pattern_that_no_key_has_is_refused(servers: Servers) -> None:
    with pytest.raises(PlatformError, match=r"'/a\*b' is no pattern"):
        accounts.ensure(servers.home, "bad", {**DECLARED, "REGISTRY_READS": "/a*b"})


@pytest.mark.parametrize("name", ["root", "default"])
def test_no_service_takes_the_platforms_account(servers: Servers, name: str) -> None:
    with pytest.raises(PlatformError, match="it is an account"):
        registry_gate.grant(servers.home, name, DECLARED)


def test_another_host_is_not_served(servers: Servers) -> None:
    root = accounts.root(servers.home)
    found = servers.ask("GET", "/", root, headers={"Host": "evil.example"})
    assert found.status_code == 421


def test_an_empty_registry_lets_nobody_in_either(servers: Servers) -> None:
    own = registry_gate.grant(servers.home, "emptied", DECLARED)
    servers.stop("etcd")
    assert servers.ask("GET", "/").status_code == 401
    shutil.rmtree(servers.home.path / "etcd")
    servers.start("etcd")
    wait_for(
        lambda: servers.ask("PUT", "/services/emptied/x", own, data={"value": 1}).ok
    )
    assert servers.ask("GET", "/").status_code == 401
    assert servers.ask("GET", "/services", own).status_code == 403


def test_a_gate_that_starts_again_knows_everybody(servers: Servers) -> None:
    own = registry_gate.grant(servers.home, "known", DECLARED)
    servers.stop("registry")
    servers.start("registry")
    assert servers.ask("PUT", "/services/known/x", own, data={"value": 1}).ok


def test_writes_and_refusals_are_logged_with_who_and_what(servers: Servers) -> None:
    own = registry_gate.grant(servers.home, "logged", DECLARED)
    servers.ask("PUT", "/services/logged/x", own, data={"value": "a secret"})
    servers.ask("DELETE", "/services/logged/x", own)
    servers.ask("GET", "/services/logged/upstream", own)
    servers.ask("GET", "/upgrades", own)
    log = servers.home.path / "registry.log"
    wait_for(lambda: "logged GET /v2/keys/upgrades 403" in log.read_text())
    found = [line for line in log.read_text().splitlines() if "logged" in line]
    assert all(time_of(line) for line in found)
    lines = [line.split(" ", 2)[2] for line in found]
    assert lines == [
        "logged PUT /v2/keys/services/logged/x 201",
        "logged DELETE /v2/keys/services/logged/x 200",
        "logged GET /v2/keys/upgrades 403",
    ]


# What a page tries: to read, to write as a script and as a form, to delete.
PAGE = """<!doctype html><title>waiting</title>
<iframe name=there></iframe>
<form method=post target=there action="REGISTRY/services/tokens/upstream/evil">
<input name=value value=127.0.0.1:1></form>
<script>
const tries = [["GET", "/"], ["PUT", "/services/tokens/upstream/evil"],
               ["POST", "/services/tokens/upstream/evil"],
               ["DELETE", "/revoked-tokens/a"]];
const options = {body: new URLSearchParams({value: "127.0.0.1:1"}), mode: "no-cors"};
(async () => {
  const told = [];
  for (const [method, key] of tries) {
    for (const mode of ["cors", "no-cors"]) {
      const body = method === "PUT" || method === "POST" ? options.body : undefined;
      try {
        const found = await fetch("REGISTRY" + key, {method, mode, body});
        told.push(found.type === "opaque" ? "" : await found.text());
      } catch (error) { told.push(""); }
    }
  }
  document.forms[0].submit();
  document.forms[0].submit();
  document.title = JSON.stringify(told);
})();
</script>
"""


def test_a_web_page_reads_registers_and_deletes_nothing(servers: Servers) -> None:
    url = f"http://{servers.home.registry_address}/v2/keys"

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(PAGE.replace("REGISTRY", url).encode())

    registry = Registry(servers.home.etcd)
    registry.put("/revoked-tokens/a", "1")
    server = HTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    path = shutil.which("chromium")
    if not path:
        pytest.fail("This test drives Chromium: apt-get install chromium", False)
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-quic"]
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        page = browser.new_page()
        page.goto(f"http://localhost:{server.server_port}/")
        page.wait_for_function("document.title != 'waiting'", timeout=60_000)
        told = json.loads(page.title())
        page.wait_for_load_state("networkidle")
        browser.close()
    server.shutdown()
    server.server_close()
    assert set(told) == {""}
    assert registry.get("/services/tokens/upstream/evil") is None
    assert registry.get("/revoked-tokens/a") == "1"
