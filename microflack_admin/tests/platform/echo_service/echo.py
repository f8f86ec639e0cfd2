"""Answer every request with this instance's name; take part in the registry."""

import json
import os
import signal
import threading
import time
import urllib.parse
import urllib.request
from base64 import b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

NAME, INSTANCE = os.environ["SERVICE_NAME"], os.environ["INSTANCE_NAME"]
HOST, PORT = os.environ["SERVICE_ADDRESS"].split(":")
# What is wrong with a release: a test writes this file before it builds one.
DEFECT = Path("defect").read_text() if Path("defect").exists() else ""
REGISTRY = urllib.parse.urlsplit(os.environ["ETCD"])
KEYS = f"http://{REGISTRY.hostname}:{REGISTRY.port}/v2/keys/services/{NAME}"
PASSWORD = b64encode(f"{REGISTRY.username}:{REGISTRY.password}".encode()).decode()
stopping = threading.Event()


class Handler(BaseHTTPRequestHandler):
    """Tell who and with which settings; wait first when asked to."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        time.sleep(float(query.get("wait", ["0"])[0]))
        if DEFECT == "dies" and "die" in query:
            os._exit(3)
        told = {"instance": INSTANCE, "environment": sorted(os.environ)}
        told |= {"version": os.environ["SERVICE_VERSION"]}
        body = json.dumps(told | {"greeting": os.environ.get("GREETING")}).encode()
        errs = DEFECT == "errs" and self.path.startswith(os.environ["SERVICE_URL"])
        self.send_response(500 if errs else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def log_message(self, *arguments: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    """A server that waits for its requests when it stops."""

    daemon_threads = False

    def handle_error(self, *_request: object) -> None:
        """Say nothing: who asked has gone."""


def etcd(method: str, key: str, **form: str) -> None:
    """Write or delete a key, again and again until that works."""
    data = urllib.parse.urlencode(form).encode() if form else None
    request = urllib.request.Request(f"{KEYS}/{key}", data, method=method)
    request.add_header("Authorization", f"Basic {PASSWORD}")
    while True:
        try:
            return urllib.request.urlopen(request, timeout=2).close()
        except urllib.error.HTTPError:
            return None
        except OSError:
            if stopping.is_set():
                return None
            time.sleep(0.2)


def keep_registered() -> None:
    """Refresh the key until it is time to leave."""
    if DEFECT == "never ready":
        return
    etcd("PUT", "location", value=os.environ["SERVICE_URL"])
    etcd("PUT", "locations/sounds", value=os.environ["SERVICE_LOCATIONS"])
    etcd("PUT", "backend/balance", value=os.environ["LB_ALGORITHM"])
    while not stopping.is_set():
        etcd("PUT", f"upstream/{INSTANCE}", value=f"{HOST}:{PORT}", ttl="50")
        stopping.wait(5)


def leave(server: Server) -> None:
    """Leave the registry first, serve on for a moment, then stop."""
    etcd("DELETE", f"upstream/{INSTANCE}")
    time.sleep(0.3)
    if "REFRESHES_LATE" in os.environ:
        etcd("PUT", f"upstream/{INSTANCE}", value=f"{HOST}:{PORT}", ttl="50")
    server.shutdown()


def main() -> None:
    """Serve until SIGTERM."""
    print(json.dumps({"level": "info", "message": f"{INSTANCE} starts"}), flush=True)
    server = Server((HOST, int(PORT)), Handler)

    def on_sigterm(*_arguments: object) -> None:
        if not stopping.is_set():
            stopping.set()
            threading.Thread(target=leave, args=(server,)).start()

    signal.signal(signal.SIGTERM, on_sigterm)
    threading.Thread(target=keep_registered, daemon=True).start()
    server.serve_forever()
    server.server_close()


if __name__ == "__main__":
    main()
