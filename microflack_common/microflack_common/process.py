"""One process an instance: ``python -m microflack_common.process``.

It takes the options and applications of ``gunicorn``. Its worker runs in this process,
without the arbiter that would fork it and start it again: whatever keeps the instance
alive, a supervisor or a container engine, does that already, and an arbiter holds a
fifth of an instance's memory for it.

Reference: the Gunicorn documentation, "Custom Application" and "Settings".
"""

import os

from gunicorn.app.wsgiapp import WSGIApplication  # type: ignore[import-untyped]
from gunicorn.sock import create_sockets  # type: ignore[import-untyped]


class OneProcess(WSGIApplication):  # type: ignore[misc]
    """Gunicorn's application, which serves where it is instead of forking."""

    def run(self) -> None:
        """Serve until the worker is told to stop."""
        log = self.cfg.logger_class(self.cfg)
        # First: while it does not listen it is known not to be ready.
        self.wsgi()
        sockets = create_sockets(self.cfg, log)
        worker = self.cfg.worker_class(
            1, os.getppid(), sockets, self, self.cfg.timeout, self.cfg, log
        )
        worker.pid = os.getpid()
        # Nobody waits for its signs of life, and it outlives its supervisor.
        worker.notify = lambda: None
        worker.is_parent_alive = lambda: True
        worker.init_process()


if __name__ == "__main__":
    OneProcess("%(prog)s [OPTIONS] [APP_MODULE]", prog="process").run()
