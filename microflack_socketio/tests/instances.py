"""Real instances of the service, and clients on real sockets."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from queue import Empty, Queue

import requests
import socketio
from engineio.payload import Payload

from microflack_common.publisher import CHANNEL
from microflack_common.redis import connect
from microflack_common.serve import answers_ready
from microflack_common.testing import SECRET, free_port

FOLDER = Path(__file__).parents[1]
# A browser takes as many packets in one answer as come; this client drops more than 16.
Payload.max_decode_packets = 1000
EVENTS = (
    "updated_model",
    "updated_models",
    "removed_model",
    "typing",
    "expired_token",
    "catch_up",
)


def wait_until(condition, timeout=10):
    """Wait until ``condition()`` is true and return what it returned."""
    end = time.monotonic() + timeout
    while not (result := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)
    return result


class Instance:
    """An instance, started by boot.sh in a process group of its own.

    :param log: the file that it logs to.
    :param supervised: whether there is a process above it that only waits for it.
    """

    def __init__(self, log, supervised=False, **settings):
        self.address = f"127.0.0.1:{free_port()}"
        self.url = f"http://{self.address}"
        self._log = log
        settings = {
            "JWT_SECRET_KEY": SECRET,
            "SERVICE_ADDRESS": self.address,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        } | settings
        command = ["bash", "-c", "./boot.sh; exit"] if supervised else ["./boot.sh"]
        with open(log, "w") as output:
            self._process = subprocess.Popen(
                command, cwd=FOLDER, env=os.environ | settings, stdout=output,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def wait_until_ready(self):
        """Wait until it is ready."""
        wait_until(lambda: self.ended() or answers_ready(self.address), 30)
        return self

    def ended(self):
        """Say whether the process that was started has ended."""
        return self._process.poll() is not None

    def ended_wholly(self):
        """Say whether no process of it is left."""
        try:
            os.killpg(self._process.pid, 0)
        except ProcessLookupError:
            return True
        return False

    def log(self):
        """Return what it has logged."""
        return Path(self._log).read_text()

    def kill_first_process(self):
        """Kill the process that was started, and no other."""
        self._process.kill()
        self._process.wait()

    def tell_to_stop(self, group=True):
        """Send SIGTERM to all processes, as a supervisor does, or to the first one."""
        if group:
            os.killpg(self._process.pid, signal.SIGTERM)
        else:
            self._process.terminate()

    def stop(self, group=True):
        """End it, if it has not, and return the exit code of its first process."""
        try:
            if not self.ended_wholly():
                self.tell_to_stop(group)
            code = self._process.wait(10)
            wait_until(self.ended_wholly)
        except (AssertionError, subprocess.TimeoutExpired):
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            raise
        return code


class Client:
    """A Socket.IO client that remembers what it was sent."""

    def __init__(self, url, transport="websocket", auth=None):
        self._http = requests.Session()
        self._io = socketio.Client(reconnection=False, http_session=self._http)
        self.received = Queue()
        for event in EVENTS:
            self._io.on(event, self._remember(event))
        self._io.connect(url, transports=[transport], auth=auth)
        # It forgets to close this when the server was the first to close.
        self._websocket = self._io.eio.ws

    def _remember(self, event):
        return lambda *arguments: self.received.put((event, *arguments))

    def call(self, event, *arguments):
        """Send an event and return its acknowledgement."""
        return self._io.call(event, arguments or None, timeout=20)

    def emit(self, event, *arguments):
        """Send an event."""
        self._io.emit(event, arguments or None)

    def next(self, event="updated_model", timeout=10):
        """Wait for the next event of this name and return its argument, if any."""
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            try:
                name, *arguments = self.received.get(timeout=left)
            except Empty:
                break
            if name == event:
                return arguments[0] if arguments else None
        raise AssertionError(f"no {event} within {timeout} seconds")

    def heard(self, event):
        """Say whether an event of this name has come; forgets what has come."""
        names = []
        while not self.received.empty():
            names.append(self.received.get()[0])
        return event in names

    @property
    def connected(self):
        """Whether it is connected."""
        return self._io.connected

    def close(self):
        """Disconnect."""
        self._io.disconnect()
        self._http.close()
        if self._websocket:
            self._websocket.shutdown()


class RawClient:
    """A WebSocket on a bare socket, for what no decent client does."""

    def __init__(self, address, receive_buffer=None):
        host, _, port = address.partition(":")
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(10)
        self.socket.connect((host, int(port)))
        self.socket.sendall(
            b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: test\r\n"
            b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Extensions: permessage-deflate\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        self.head = b""
        while b"\r\n\r\n" not in self.head:
            self.head += self.socket.recv(4096)

    def join(self):
        """Connect to the default namespace, and wait for the answer."""
        self.send(b"40")
        answer = self.head
        while b'40{"sid"' not in answer:
            answer += self.socket.recv(4096)
        return self

    def send(self, payload, opcode=1, final=True):
        """Send a frame, masked with zeros."""
        self.socket.sendall(masked(payload, opcode, final))

    def is_disconnected(self):
        """Wait until the server has ended the connection; False after 10 seconds."""
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionError:
            return True
        except TimeoutError:
            return False
        return True

    def close(self):
        """Close the socket."""
        self.socket.close()


def masked(payload, opcode=1, final=True):
    """Return a client's frame."""
    length = len(payload)
    if length < 126:
        size = bytes([0x80 | length])
    elif length < 65536:
        size = bytes([0x80 | 126]) + length.to_bytes(2, "big")
    else:
        size = bytes([0x80 | 127]) + length.to_bytes(8, "big")
    return bytes([(0x80 if final else 0) | opcode]) + size + bytes(4) + payload


def publish(redis, model, room=None, model_class="Message"):
    """Push a model as other services do; return how many instances listened."""
    told = {"class": model_class, "model": model}
    return push(redis, "updated_model", told, room)


def push(redis, event, told, room=None):
    """Push an event as other services do; return how many instances listened."""
    message = {
        "method": "emit", "event": event, "namespace": "/", "data": [told],
        "room": room,
    }  # fmt: skip
    with connect(redis.address) as client:
        return client.publish(CHANNEL, json.dumps(message))


def metric(instance, name):
    """Return the value of a metric."""
    for line in requests.get(f"{instance.url}/metrics", timeout=10).text.splitlines():
        if line.startswith(f"{name} "):
            return float(line.split()[1])
    raise AssertionError(f"there is no metric {name}")


def handshake(address, headers=(), path="/socket.io/?EIO=4&transport=polling"):
    """Ask for a new session and return the answer."""
    connection = http.client.HTTPConnection(address, timeout=10)
    connection.request("GET", path, headers=dict(headers))
    answer = connection.getresponse()
    answer.body = answer.read()
    connection.close()
    return answer
