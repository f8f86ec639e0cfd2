"""Start an instance with its secrets, which it fetches from the secrets store.

    python3 start.py COMMAND [ARG...]

Its environment has references in place of secrets, and a role of its own with which it
gets what they stand for, and nothing else. What it starts has neither. One file that
needs nothing but Python itself: in a container it is alone.

A reference is openbao:PATH#FORM; {NAME} in the form stands for a field of what is read.
"""

import http.client
import json
import os
import sys
from typing import Any

REFERENCE = "openbao:"
STORE, ROLE_ID, SECRET_ID = "SECRETS_STORE", "SECRETS_ROLE_ID", "SECRETS_SECRET_ID"
TIMEOUT_SECONDS = 20.0
SEALED = "the secrets store is sealed. Unseal it: mfsecrets unseal"


class StartError(Exception):
    """Raised when an instance does not get its secrets; the text says why."""


def ask(
    address: str,
    method: str,
    path: str,
    token: str = "",
    body: object = None,
    timeout: float = TIMEOUT_SECONDS,
) -> tuple[int, dict[str, Any]]:
    """Return the status and the JSON of the store's answer.

    :param address: HOST:PORT.
    :raises OSError, http.client.HTTPException: there is none.
    """
    connection = http.client.HTTPConnection(address, timeout=timeout)
    try:
        text = None if body is None else json.dumps(body)
        connection.request(method, path, text, {"X-Vault-Token": token})
        answer = connection.getresponse()
        told = answer.read()
    finally:
        connection.close()
    try:
        return answer.status, dict(json.loads(told or "{}"))
    except ValueError:
        return answer.status, {"errors": [told[:200].decode(errors="replace")]}


def fields(answer: dict[str, Any]) -> dict[str, str]:
    """Return the fields of what was read; those of KV version 2 lie one level down."""
    data = answer["data"]
    return dict(data["data"] if "metadata" in data else data)


def split(reference: str) -> tuple[str, str]:
    """Return a reference's path and form."""
    path, _, form = reference.removeprefix(REFERENCE).partition("#")
    return path, form


def filled(form: str, found: dict[str, str]) -> str:
    """Return a form with the fields of what was read in it."""
    for name, value in found.items():
        form = form.replace("{" + name + "}", str(value))
    return form


def complete(environment: dict[str, str]) -> dict[str, str]:
    """Return an environment with secrets in place of references.

    :raises StartError: the store does not give them.
    """
    if STORE not in environment:
        return environment
    own = dict(environment)
    address, role, secret = (own.pop(name) for name in (STORE, ROLE_ID, SECRET_ID))
    pair = {"role_id": role, "secret_id": secret}
    told = _get(address, "POST", "auth/approle/login", body=pair)
    token, read = told["auth"]["client_token"], {}
    for name, value in own.items():
        if value.startswith(REFERENCE):
            path, form = split(value)
            if path not in read:
                read[path] = fields(_get(address, "GET", path, token))
            own[name] = filled(form, read[path])
    return own


def _get(
    address: str, method: str, path: str, token: str = "", body: object = None
) -> dict[str, Any]:
    try:
        status, told = ask(address, method, f"/v1/{path}", token, body)
    except (OSError, http.client.HTTPException) as error:
        raise StartError(
            f"the secrets store does not answer: {error}. Look at: mfstatus"
        ) from error
    if status == 503:
        raise StartError(SEALED)
    if status != 200:
        why = "; ".join(told.get("errors", [])) or "there is nothing (any more)"
        raise StartError(
            f"the secrets store gives no {path.partition('?')[0]}: {why.strip()}. "
            "Have another instance in place of this one: mfrun, then mfkill"
        )
    return told


def main() -> None:
    """Become the program."""
    command = sys.argv[1:]
    try:
        environment = complete(dict(os.environ))
    except StartError as error:
        sys.exit(f"{os.environ.get('INSTANCE_NAME', 'start')}: {error}")
    os.execvpe(command[0], command, environment)


if __name__ == "__main__":
    main()
