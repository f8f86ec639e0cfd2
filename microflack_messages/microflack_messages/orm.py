"""The connection between the service's models and its database."""

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """The base of the service's models."""


# Which revision of its tables a database has. Releases 1 to 6 use another table.
REVISION_TABLE = "schema_revision"

db = SQLAlchemy(model_class=Base)
