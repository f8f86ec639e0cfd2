"""Schemathesis's hooks: who asks.

The variable FUZZ_AS says who asks: "nobody", "member" or "admin". Whoever signs out,
changes the password or deletes the account on the way is somebody else from then on.
Reference: the manual of Schemathesis, "Extending Schemathesis" and "Authentication".
"""

import os
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import requests
import schemathesis

URL = os.environ["FUZZ_URL"]
CALLER = os.environ["FUZZ_AS"]
MFUSER = Path(__file__).resolve().parents[2] / "bin" / "mfuser"
PASSWORD = "a password: 1"


@dataclass
class Person:
    """An account, and a token for it."""

    nickname: str
    token: str

    def is_signed_in(self):
        """Say whether the token is still good, and the password the same."""
        with _session() as session:
            token = {"Authorization": f"Bearer {self.token}"}
            known = session.get(f"{URL}/api/tokens", headers=token, timeout=60)
            name = self.nickname.encode(), PASSWORD.encode()
            same = session.get(f"{URL}/api/users/me", auth=name, timeout=60)
        return known.status_code == same.status_code == 200


def _session():
    session = requests.Session()
    session.trust_env = False
    return session


def register():
    """Return somebody new, who has just signed in."""
    body = {"nickname": f"p{os.urandom(6).hex()}", "password": PASSWORD}
    if CALLER == "admin":
        body["invitation"] = invitation()
    with _session() as session:
        answer = session.post(f"{URL}/api/users", json=body, timeout=60)
        if "invitation" in answer.json().get("fields", {}):
            # An administrator has withdrawn it on the way.
            invitation.cache_clear()
            return register()
        assert answer.status_code == 201, answer.text
        name = body["nickname"], PASSWORD
        answer = session.post(f"{URL}/api/tokens", auth=name, timeout=60)
        assert answer.status_code == 200, answer.text
    return Person(body["nickname"], answer.json()["token"])


@cache
def invitation():
    """Return the code of an invitation for administrators."""
    invite = [MFUSER, "invite", "--admin", "--uses", "10000"]
    link = subprocess.run(invite, capture_output=True, text=True, check=True).stdout
    return link.strip().rpartition("invitation=")[2]


if CALLER != "nobody":

    @schemathesis.auth()
    class Caller:
        """Signs in once, and again when that is over."""

        person = None

        def get(self, case, context):
            """Return who asks."""
            if self.person is None or not self.person.is_signed_in():
                self.person = register()
            return self.person

        def set(self, case, data, context):
            """Have them ask, in the way that the document says."""
            named = context.operation.definition.raw.get("security", [])
            if any("BasicAuth" in one for one in named):
                value = requests.auth._basic_auth_str(data.nickname, PASSWORD)
            elif named:
                value = f"Bearer {data.token}"
            else:
                return
            case.headers["Authorization"] = value
