"""What is stored, in numbers: /api/users/stored."""

from flask import Response, jsonify
from sqlalchemy import case, func, select

from microflack_users.access import administrators_only, user_or_operator
from microflack_users.blueprint import users
from microflack_users.models import User, db
from microflack_users.pictures import Picture
from microflack_users.schemas import Stored


def _number_of(condition: object) -> object:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


_PEOPLE = select(
    _number_of(User.deleted_at.is_(None)).label("people"),
    _number_of(User.deleted_at.is_(None) & User.deactivated).label("deactivated"),
    _number_of(User.admin).label("administrators"),
)
_PICTURES = select(
    func.count().label("pictures"),
    func.coalesce(func.sum(func.length(Picture.content)), 0).label("picture_bytes"),
)


@users.get("/stored")
@users.auth_required(user_or_operator)
@users.output(Stored)
@users.doc(responses={403: "Not an administrator"})
def stored() -> Response:
    """Say how much is stored. For administrators."""
    administrators_only()
    numbers: dict[str, int] = {}
    for query in (_PEOPLE, _PICTURES):
        found = db.session.execute(query).one()._asdict()
        numbers |= {name: int(number) for name, number in found.items()}
    response = jsonify(numbers)
    response.headers["Cache-Control"] = "no-store"
    return response
