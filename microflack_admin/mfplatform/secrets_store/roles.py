"""What an instance is given where its secrets are in the store: references and a role.

Each instance has a role and a policy of its name (OpenBao: "AppRole", "Policies"), made
from what its service.env says: it reads its own secrets and nothing else. The part
"leases" removes them when the instance is gone.
"""

from collections.abc import Mapping
from urllib.parse import quote

from mfplatform.secrets_store import client, kept, store
from mfplatform.secrets_store.client import KV, Client
from mfplatform.secrets_store.start import REFERENCE, ROLE_ID, SECRET_ID, STORE
from mfplatform.state import access, accounts, database
from mfplatform.state.home import Home

POLICY = 'path "{path}" {{\n  capabilities = ["read"]\n}}\n'
# One statement each; {{name}} and {{password}} are the store's.
CREATE = (
    "CREATE USER '{{{{name}}}}'@'%' IDENTIFIED BY '{{{{password}}}}';",
    "GRANT ALL PRIVILEGES ON `{service}`.* TO '{{{{name}}}}'@'%';",
)
REVOKE = ["DROP USER IF EXISTS '{{name}}'@'%';"]
# As long as the token lives that it was made for, and no longer.
LIFETIME = "87600h"
DATABASE = "database/creds"


def environment(
    home: Home,
    name: str,
    service: str,
    service_settings: Mapping[str, str],
    before: Mapping[str, str],
) -> dict[str, str]:
    """Return what lets an instance in, and how it gets the secrets in that.

    :param name: the instance's name.
    :param before: its environment if it was started before.
    :param service_settings: what the service's service.env says.
    :raises PlatformError: a server does not answer, or the store is sealed.
    """
    asked = client.platform(home)
    given = _account(home, asked, service, service_settings)
    given |= _keys(home, asked, service_settings)
    if service_settings.get("NEEDS_DB") == "yes":
        given["DATABASE_URL"] = _database(home, asked, service)
    paths = {value.removeprefix(REFERENCE).split("#")[0] for value in given.values()}
    policy = "".join(POLICY.format(path=p.split("?")[0]) for p in sorted(paths))
    asked.call("POST", f"sys/policies/acl/{name}", {"policy": policy})
    return given | {STORE: store.address(home)} | _login(home, asked, name, before)


def _reference(path: str, form: str) -> str:
    return f"{REFERENCE}{path}#{form}"


def _secret(path: str, version: int, name: str) -> str:
    # By its version: an instance that starts again has what it had.
    return _reference(f"{KV}/{path}?version={version}", "{" + name + "}")


def _account(
    home: Home, asked: Client, service: str, service_settings: Mapping[str, str]
) -> dict[str, str]:
    values = access.addresses(home, service, service_settings)
    older = "" if accounts.is_declared(service_settings) else accounts.OLDER
    path = f"accounts/{service}{older}"
    version = asked.write(path, values)
    return {name: _secret(path, version, name) for name in values}


def _keys(
    home: Home, asked: Client, service_settings: Mapping[str, str]
) -> dict[str, str]:
    versions = {path: asked.read(path) for path in set(kept.PATHS.values())}
    given = {}
    for name in access.needed(service_settings):
        found, version = versions[kept.PATHS[name]]
        if name in found:
            given[name] = _secret(kept.PATHS[name], version, name)
    return given


def _database(home: Home, asked: Client, service: str) -> str:
    """Return the reference of a service's database, where each start gets a user."""
    database.ensure_database(home, service)
    grant = f"GRANT ALL PRIVILEGES ON `{service}`.* TO '{store.DATABASE_ACCOUNT}'@'%'"
    database.execute(home, f"{grant} WITH GRANT OPTION;")
    statements = [one.format(service=service) for one in CREATE]
    role = {
        "db_name": "mariadb",
        "creation_statements": statements,
        "revocation_statements": REVOKE,
        "default_ttl": LIFETIME,
        "max_ttl": LIFETIME,
    }
    asked.call("POST", f"database/roles/{service}", role)
    form = database.url(home, service, "{username}", "{password}")
    return _reference(f"{DATABASE}/{quote(service)}", form)


def _login(
    home: Home, asked: Client, name: str, before: Mapping[str, str]
) -> dict[str, str]:
    """Return the role's own secret, the same at each start of the instance."""
    role = f"auth/approle/role/{name}"
    lease = home.settings.get(store.LEASE, store.DEFAULTS[store.LEASE])
    wanted = {
        "token_policies": [name],
        "token_no_default_policy": True,
        # It can be renewed for ever, but not for longer than this at a time.
        "token_period": f"{lease}s",
    }
    asked.call("POST", role, wanted)
    role_id = asked.call("GET", f"{role}/role-id")["data"]["role_id"]
    secret_id = before.get(SECRET_ID, "")
    if not secret_id or not _is_known(asked, role, secret_id):
        secret_id = asked.call("POST", f"{role}/secret-id")["data"]["secret_id"]
    return {ROLE_ID: role_id, SECRET_ID: secret_id}


def _is_known(asked: Client, role: str, secret_id: str) -> bool:
    told = asked.call("POST", f"{role}/secret-id/lookup", {"secret_id": secret_id})
    return bool(told.get("data"))
