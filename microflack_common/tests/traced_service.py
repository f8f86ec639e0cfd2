"""A small service that is followed, and asks itself as others ask each other."""

from flask import Flask, jsonify, request
from sqlalchemy import create_engine, literal, select, text

from microflack_common import errors, health, logs, traces
from microflack_common.http import Client

app = Flask("microflack_small", static_folder=None)
logs.init_app(app)
traces.init_app(app)
errors.init_app(app)
health.init_app(app, {})
engine = create_engine("sqlite://")


@app.get("/api/ask/<word>")
def ask(word):
    app.logger.warning("asked")
    origin = traces.origin()
    with traces.begin_linked("later", origin):
        pass
    with traces.within(origin), traces.step("write", links=[origin]):
        write(word)
    told = Client(f"http://{request.host}").get("/api/answer")
    return jsonify(told.json())


def write(word):
    with engine.connect() as connection:
        connection.execute(select(literal(word)))
        connection.exec_driver_sql(f"SELECT '{word}'")


@app.get("/api/answer")
def answer():
    return jsonify(dict(request.headers))


@app.get("/api/fail")
def fail():
    with engine.connect() as connection:
        connection.execute(text("SELECT nothing FROM nowhere"))
