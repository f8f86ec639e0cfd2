"""Who may read, and what services may ask of each other."""

import jwt
import pytest

from microflack_common import access, auth, signing
from microflack_common.config import ConfigError, Environment
from microflack_common.service_tokens import are_possible, issue_service_token
from microflack_common.testing import SECRET, bearer, token_for

SERVICE_KEY = "a key that a few services share!"


@pytest.fixture
def client(app):
    """Return a client of a service that has something to read."""

    @app.get("/read")
    @app.auth_required(auth.reader_auth)
    def read():
        return {"user": auth.current_user_id()}

    @app.get("/asked")
    @app.auth_required(auth.service_or_token_auth)
    def asked():
        return {"user": auth.current_user_id(), "service": auth.current_service()}

    @app.get("/closed")
    @app.auth_required(auth.token_auth)
    def closed():
        return {"user": auth.current_user_id()}

    app.config["SERVICE_KEY"] = SERVICE_KEY
    return app.test_client()


def service_token(app, user_id=None):
    with app.app_context():
        return bearer(issue_service_token(user_id))


def test_while_reading_is_open_the_token_may_be_left_out(app, client):
    assert client.get("/read").json == {"user": None}
    assert client.get("/read", headers=token_for(app, 7)).json == {"user": 7}
    assert client.get("/read", headers=bearer("x.y.z")).status_code == 401


def test_where_members_read_a_token_is_needed(app, client):
    app.config["ACCESS"] = "members"
    answer = client.get("/read")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == auth.CHALLENGE
    assert client.get("/read", headers=token_for(app, 7)).json == {"user": 7}
    assert client.get("/read", headers=bearer("x.y.z")).status_code == 401
    assert client.get("/read", headers={"Authorization": ""}).status_code == 401


def test_the_setting_is_open_or_members():
    assert access.from_environment(Environment({})) == "open"
    assert access.from_environment(Environment({"ACCESS": "members"})) == "members"
    environment = Environment({"ACCESS": "closed"})
    access.from_environment(environment)
    with pytest.raises(ConfigError, match="ACCESS must be open or members"):
        environment.check()


def test_a_service_asks_in_its_own_name_or_in_a_users_place(app, client):
    answer = client.get("/asked", headers=service_token(app))
    assert answer.json == {"user": None, "service": "small"}
    answer = client.get("/asked", headers=service_token(app, 7))
    assert answer.json == {"user": 7, "service": "small"}
    answer = client.get("/asked", headers=token_for(app, 7))
    assert answer.json == {"user": 7, "service": None}


def test_the_token_of_a_service_is_no_users(app, client):
    headers = service_token(app, 7)
    for path in ("/closed", "/read"):
        assert client.get(path, headers=headers).status_code == 401
    app.config["SERVICE_KEY"] = SECRET
    headers = service_token(app, 7)
    assert client.get("/closed", headers=headers).status_code == 401


GOOD = {"iss": "users", "aud": "microflack-service", "exp": 4102444800}
BAD = [
    signing.sign(GOOD, SECRET),
    signing.sign(GOOD | {"exp": 1}, SERVICE_KEY),
    signing.sign(GOOD | {"aud": "microflack"}, SERVICE_KEY),
    signing.sign(GOOD | {"user_id": "7"}, SERVICE_KEY),
    signing.sign({k: v for k, v in GOOD.items() if k != "iss"}, SERVICE_KEY),
    signing.sign({k: v for k, v in GOOD.items() if k != "exp"}, SERVICE_KEY),
    jwt.encode(GOOD, "", "none"),
    "x.y.z",
    "",
]


@pytest.mark.parametrize("token", BAD)
def test_a_bad_token_of_a_service_is_refused(client, token):
    assert client.get("/asked", headers=bearer(token)).status_code == 401


def test_without_the_key_no_service_is_believed(app, client):
    headers = service_token(app)
    app.config["SERVICE_KEY"] = ""
    assert client.get("/asked", headers=headers).status_code == 401
    with app.app_context():
        assert not are_possible()


def test_a_secret_that_is_not_required_may_be_missing():
    environment = Environment({"SHORT": "x", "EPHEMERAL_SECRETS": "yes"})
    assert environment.secret("SERVICE_KEY", required=False) == ""
    environment.check()
    environment.secret("SHORT", required=False)
    with pytest.raises(ConfigError, match="SHORT must have at least 32"):
        environment.check()
