"""Only engineio_adapter.py touches the inside of the libraries below the service."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "microflack_socketio"
MODULES = sorted(set(PACKAGE.rglob("*.py")) - {PACKAGE / "engineio_adapter.py"})
FORBIDDEN = {
    "engineio", "eventlet", "gevent", "gunicorn", "simple_websocket", "socketio",
}  # fmt: skip
# The methods of flask_socketio.SocketIO that its documentation describes.
DOCUMENTED = {"emit", "on_event", "sleep", "start_background_task"}


def breaches(source):
    """Return what a module's code touches that it must not."""
    tree = ast.parse(source)
    own = set(own_names(tree))
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if is_inside(alias.name)]
        elif isinstance(node, ast.ImportFrom):
            module = str(node.module)
            found += [a.name for a in node.names if is_inside(module, a.name)]
        elif isinstance(node, ast.Attribute) and not is_allowed(node, own):
            found.append(ast.unparse(node))
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "getattr":
            names = [a.value for a in node.args if isinstance(a, ast.Constant)]
            found += filter(is_private, map(str, names))
    return found


def is_inside(module, name="SocketIO"):
    """Say whether an imported name belongs to what only the adapter may know."""
    library = module.split(".")[0]
    return library in FORBIDDEN or (library == "flask_socketio" and name != "SocketIO")


def is_allowed(node, own):
    """Say whether a module that defines the names ``own`` may use an attribute."""
    owner = ast.unparse(node.value)
    if owner in {"socketio", "self._socketio"}:
        return node.attr in DOCUMENTED
    return not is_private(node.attr) or (owner == "self" and node.attr in own)


def is_private(name):
    """Say whether a name is private; those with two underscores are Python's own."""
    return name.startswith("_") and not name.startswith("__")


def own_names(tree):
    """Return the names of functions and attributes that a module defines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_a_module_stays_outside_the_libraries(module):
    assert breaches(module.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "import engineio",
        "import gunicorn.config",
        "from socketio import PubSubManager",
        "from flask_socketio import SocketIOTestClient",
        "socketio.server",
        "self._socketio.server.eio",
        "session._send_ping()",
        "getattr(sock, '_sock')",
        "self._trigger_event()",
    ],
)
def test_the_wall_stops_a_module_that_goes_inside(source):
    assert breaches(source)


def test_the_wall_lets_a_module_use_what_is_its_own():
    assert not breaches("class A:\n def _f(self): self._x = 1; self._f(); self._x\n")
