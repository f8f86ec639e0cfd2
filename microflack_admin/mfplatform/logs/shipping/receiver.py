"""What every receiver has: it takes lines, or says why it does not."""

import ssl
from abc import ABC, abstractmethod
from collections.abc import Sequence

from mfplatform.logs.shipping.destination import Destination
from mfplatform.logs.shipping.reading import Entry


class ReceiverError(Exception):
    """It has not taken all; the text says why, without a secret."""


class Receiver(ABC):
    """A connection to a receiver of logs."""

    @abstractmethod
    def send(self, entries: Sequence[Entry]) -> None:
        """Have it take all of these lines.

        :raises ReceiverError: it may have taken some of them, or none.
        """

    @abstractmethod
    def close(self) -> None:
        """End the connection, if there is one."""


def tls(destination: Destination, authority: str) -> ssl.SSLContext | None:
    """Return how its certificate is checked; None where there is none.

    :param authority: a file of certificates, or "" for those of this machine.
    """
    if not destination.is_tls:
        return None
    return ssl.create_default_context(cafile=authority or None)
