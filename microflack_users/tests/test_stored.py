"""How much is stored, for administrators."""

from conftest import PASSWORD
from sqlalchemy import insert

from microflack_users.models import db
from microflack_users.pictures import Picture

PATH = "/api/users/stored"


def test_what_is_stored_is_counted_for_administrators(
    app, client, admin, register, sign_in
):
    eve, mallory = register("eve"), register("mallory")
    client.put("/api/users/2", json={"deactivated": True}, headers=admin)
    body = {"current_password": PASSWORD}
    client.delete("/api/users/3", json=body, headers=sign_in(mallory))
    with app.app_context():
        db.session.execute(insert(Picture).values(user_id=1, content=b"12345"))
        db.session.commit()
    answer = client.get(PATH, headers=admin)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json == {
        "people": 2,
        "deactivated": 1,
        "administrators": 1,
        "pictures": 1,
        "picture_bytes": 5,
    }
    grace = register("grace")
    assert client.get(PATH, headers=sign_in(grace)).status_code == 403
    assert client.get(PATH).status_code == 401
    assert eve["id"] == 2
