"""Have the certificate that the wanted settings call for, and then record those.

    python -m mfplatform.commands.certificate

mfup calls it before anything that runs is touched: what fails here leaves all as it is.
"""

import sys
from pathlib import Path

from mfplatform.balancer.tls import certificate_file
from mfplatform.certificates import authority, pem
from mfplatform.certificates.config import Config
from mfplatform.certificates.pem import Certificate, CertificateError
from mfplatform.certificates.sources import RenewalFailed
from mfplatform.runtime import base
from mfplatform.state import tls
from mfplatform.state.home import Home, PlatformError, read_env, write_private


def answer_at(home: Home, wanted: dict[str, str]) -> tuple[str, int]:
    """Return where an authority's questions are to be answered.

    The load balancer passes them on if it runs and has the port where they come in.
    """
    found = home.settings
    plain = found.get("MF_HTTP_PORT") or found.get("MF_PORT")
    told = bool(found.get("ACME_PORT")) and plain == wanted["MF_HTTP_PORT"]
    if told and base.create(home).is_running():
        return found.get("HOST_IP_ADDRESS", "127.0.0.1"), int(found["ACME_PORT"])
    return wanted["MF_BIND"], int(wanted["MF_HTTP_PORT"])


def have(home: Home, wanted: dict[str, str]) -> Certificate:
    """Return the certificate, made or fetched if need be."""
    config = Config(wanted, tls.folder(home), answer_at(home, wanted))
    try:
        return config.source().current(pem.now())
    except RenewalFailed as failed:
        print(f"mfup: {failed}. The old one goes on", file=sys.stderr)
        return failed.certificate


def named(wanted: dict[str, str], certificate: Certificate) -> dict[str, str]:
    """Return the settings, with the names that a file's certificate is for."""
    if wanted["MF_TLS"] != "file" or wanted["MF_DOMAIN"]:
        return wanted
    names = [name for name in certificate.names if not name.startswith("*")]
    if not names:
        raise CertificateError("MF_CERT is for no single name: add --domain NAME")
    wanted = wanted | {"MF_DOMAIN": names[0]}
    return wanted | {"MF_URL": tls.url(wanted)}


def tell_about_authority(file: Path) -> None:
    """Say what devices need to trust the platform's own authority."""
    print(
        f"Devices trust this once they have {file}\n"
        "    iPhone, iPad: send it there, install the profile in Settings, then turn\n"
        "    it on in General > About > Certificate Trust Settings.\n"
        "    Android: Settings > Security > Encryption > Install a certificate > CA.\n"
        "    Firefox: Settings > Certificates > Import. Others: docs/tls.md",
        file=sys.stderr,
    )


def record(home: Home) -> None:
    """Have the certificate, then make the wanted settings those of the platform.

    :raises PlatformError: nothing has changed.
    """
    wanted = read_env(home.next_settings_file)
    before = home.settings
    certificate = have(home, wanted)
    wanted = named(wanted, certificate)
    tls.folder(home).mkdir(mode=0o700, exist_ok=True)
    write_private(certificate_file(home.haproxy_cfg), certificate.text)
    home.record(**wanted)
    home.next_settings_file.unlink(missing_ok=True)
    if wanted["MF_TLS"] == "own" and before.get("MF_TLS") != "own":
        tell_about_authority(authority.file(tls.folder(home)))


def main() -> int:
    """Record the wanted settings, or say what stands in the way."""
    try:
        record(Home.here())
    except (PlatformError, OSError) as error:
        print(f"mfup: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
