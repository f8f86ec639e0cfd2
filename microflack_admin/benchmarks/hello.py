"""The least that a service can do: what lists are compared with."""

from flask import Flask

app = Flask(__name__)


@app.get("/bare/<server>")
def hello(server: str) -> str:
    """Say hello, whatever the server is called."""
    return "hello"
