"""Where a platform's certificate comes from: one class for each way."""

import socket
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mfplatform.certificates import authority, local_ca, pem
from mfplatform.certificates.acme import Account
from mfplatform.certificates.pem import Certificate, CertificateError
from mfplatform.state import tls
from mfplatform.state.home import write_private

# The authority is asked again after so long, when it refused or was away: Let's Encrypt
# allows five refused tries an hour. https://letsencrypt.org/docs/rate-limits/
RETRY = timedelta(hours=1)
# It may want a certificate renewed before its time (RFC 9773): certbot asks for that.
ASK = timedelta(hours=12)
SHORT_LIVED = timedelta(days=10)


class RenewalFailed(CertificateError):
    """Raised when the certificate that there is has to do for a while longer."""

    def __init__(self, certificate: Certificate, problem: str) -> None:
        super().__init__(problem)
        self.certificate = certificate


def renewal_time(found: Certificate) -> datetime:
    """Return when a certificate is old enough to be renewed, by certbot's rule.

    With a third of its time left, or half if that is short.
    """
    life = found.ends - found.begins
    return found.ends - (life / 2 if life < SHORT_LIVED else life / 3)


class Source(ABC):
    """One way to have a certificate."""

    @abstractmethod
    def current(self, now: datetime) -> Certificate:
        """Return the certificate that is to be served, made or fetched if need be.

        :raises CertificateError: there is none that can be used. What is served stays.
        """


class FileSource(Source):
    """A file that somebody else looks after, MF_CERT."""

    def __init__(self, file: Path, names: Sequence[str]) -> None:
        self._file = file
        self._names = names

    def current(self, now: datetime) -> Certificate:
        """Return what the file holds now."""
        source = f"MF_CERT={self._file}"
        found = pem.read(self._file, source)
        pem.check(found, source, self._names, now)
        return found


class OwnSource(Source):
    """The platform's own authority.

    :param folder: where the authority and its newest certificate are kept.
    :param wanted: MF_DOMAIN and MF_BIND, from which the names follow.
    """

    def __init__(self, folder: Path, wanted: Mapping[str, str]) -> None:
        self._folder = folder
        self._wanted = wanted

    def current(self, now: datetime) -> Certificate:
        """Return one for all names that this machine has now."""
        names = tls.own_names(self._wanted)
        asked = [one for one in self._wanted["MF_DOMAIN"].split(",") if one]
        host = socket.gethostname().lower().split(".")[0]
        owner = authority.have(self._folder, host, asked)
        file = self._folder / "own.pem"
        try:
            found = pem.read(file, str(file))
            pem.check(found, str(file), names, now)
            if now < renewal_time(found):
                return found
        except CertificateError:
            # There is none yet, or this machine has another address by now.
            pass
        text = local_ca.issue(owner, names)
        write_private(file, text)
        return pem.parse(text.encode(), str(file))


class ACMESource(Source):
    """A public authority.

    :param address: where certbot answers the authority's questions.
    """

    def __init__(
        self, account: Account, names: Sequence[str], address: tuple[str, int]
    ) -> None:
        self._account = account
        self._names = names
        self._address = address
        self._ask_at = pem.now() + ASK
        self._not_before = datetime.min.replace(tzinfo=UTC)
        self._problem = ""

    def current(self, now: datetime) -> Certificate:
        """Return the newest certificate; ask for another when it is time."""
        found = self._newest(now)
        if found is None and now < self._not_before:
            raise CertificateError(self._problem)
        if found is not None and now < self._next(found):
            return found
        # Whatever comes of it: not at once again.
        self._not_before = now + RETRY
        try:
            self._account.obtain(self._names, *self._address)
        except CertificateError as problem:
            self._problem = str(problem)
            if found is None:
                raise
            raise RenewalFailed(found, self._problem) from problem
        self._ask_at = now + ASK
        # It may begin after this pass did.
        newest = self._newest(max(now, pem.now()))
        if newest is None:
            self._problem = "the authority gave a certificate that cannot be used"
            raise CertificateError(self._problem)
        if newest != found:
            self._not_before = now
        return newest

    def _next(self, found: Certificate) -> datetime:
        return max(self._not_before, min(self._ask_at, renewal_time(found)))

    def _newest(self, now: datetime) -> Certificate | None:
        if not (data := self._account.newest()):
            return None
        try:
            found = pem.parse(data, "the authority's certificate")
            pem.check(found, "the authority's certificate", self._names, now)
        except CertificateError:
            return None
        return found
