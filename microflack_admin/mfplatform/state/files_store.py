"""Where services keep people's files: in an S3 store, or else in their databases.

The setting MF_FILES has the address of the store, with the secret that opens it.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

SETTING, ASKED = "MF_FILES", "MF_ASKED_FILES"
# What a service's service.env says of a release that keeps files.
NEED = "NEEDS_FILES"
# The name by which a service gets the address.
VARIABLE = "FILES_STORE"
DATABASE = "database"
SCHEMES = ("s3", "s3+https", "s3+http")


def settle(recorded: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """Return the setting: what is asked for, or else what is recorded.

    :param environ: has what is asked for.
    :raises ValueError: it is no address of a store; the text says what is.
    """
    asked = environ.get(ASKED, "").strip()
    if not asked:
        return {SETTING: recorded.get(SETTING, "")}
    if asked == DATABASE:
        return {SETTING: ""}
    parts = urlsplit(asked)
    if parts.scheme not in SCHEMES or not parts.hostname:
        # It is not repeated: it may have a secret in it.
        raise ValueError(
            f"{SETTING} must be s3://BUCKET, s3+https://ID:SECRET@HOST:PORT/BUCKET, or "
            f"{DATABASE}"
        )
    return {SETTING: asked}


def given(
    settings: Mapping[str, str], service_settings: Mapping[str, str]
) -> dict[str, str]:
    """Return what a service is given of it: nothing if it keeps no files.

    :param service_settings: what the service's service.env says.
    """
    address = settings.get(SETTING, "")
    needs = service_settings.get(NEED) == "yes"
    return {VARIABLE: address} if address and needs else {}
