"""The least that a service can do which stores something: one INSERT, one COMMIT."""

import os
import time

import sqlalchemy
from flask import Flask, Response, jsonify, request

engine = sqlalchemy.create_engine(os.environ["DATABASE_URL"], pool_size=8)
metadata = sqlalchemy.MetaData()
rows = sqlalchemy.Table(
    "rows",
    metadata,
    sqlalchemy.Column("id", sqlalchemy.Integer, primary_key=True),
    sqlalchemy.Column("created_at", sqlalchemy.BigInteger),
    sqlalchemy.Column("source", sqlalchemy.Text),
)
metadata.create_all(engine)
app = Flask(__name__)


@app.post("/bare/<server>")
def store(server: str) -> tuple[Response, int]:
    """Store the text that was sent; answer with its id."""
    row = {"created_at": int(time.time()), "source": request.get_json()["source"]}
    with engine.begin() as connection:
        done = connection.execute(sqlalchemy.insert(rows).values(row))
    return jsonify(id=done.inserted_primary_key[0]), 201
