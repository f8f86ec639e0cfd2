"""Have a worker that still loads its application end when it is told to."""

import signal


class EndsWhileLoading:
    """A mixin for Gunicorn's workers. It stands before their own class."""

    def load_wsgi(self) -> None:
        """Load the application, which may wait for a database for a long time."""
        # Nobody is served yet. Gunicorn's own handler would have it load to the end.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        super().load_wsgi()  # type: ignore[misc]
