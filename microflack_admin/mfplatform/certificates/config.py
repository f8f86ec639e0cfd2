"""What is to be done about a platform's certificate, from its settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mfplatform.certificates.acme import Account
from mfplatform.certificates.sources import ACMESource, FileSource, OwnSource, Source


@dataclass(frozen=True)
class Config:
    """The settings MF_TLS, MF_DOMAIN and so on, and the places of one runtime.

    :param folder: where keys and authorities are kept.
    :param answer_at: host and port at which an authority's questions are answered.
    """

    settings: Mapping[str, str]
    folder: Path
    answer_at: tuple[str, int]

    @property
    def names(self) -> list[str]:
        """Return the names that people asked for."""
        return [one for one in self.settings["MF_DOMAIN"].split(",") if one]

    def source(self) -> Source:
        """Return where the certificate comes from."""
        match self.settings["MF_TLS"]:
            case "file":
                return FileSource(Path(self.settings["MF_CERT"]), self.names)
            case "own":
                return OwnSource(self.folder, self.settings)
            case _:
                return ACMESource(self._account(), self.names, self.answer_at)

    def _account(self) -> Account:
        folder = self.folder / "acme"
        server, ca = self.settings["MF_ACME_SERVER"], self.settings["MF_ACME_CA"]
        return Account(folder, server, ca)
