"""Who is told of traces: what MF_TRACES_TO says, and what instances are given of it.

They get the variables that OpenTelemetry has for that. Needs nothing but Python itself,
since mfup reads it before the tools are installed.
"""

from collections.abc import Mapping
from typing import TypedDict
from urllib.parse import urlsplit

from mfplatform.state.asked_settings import asked_for, settled

TRACES_TO, TRACES_SHARE = "MF_TRACES_TO", "MF_TRACES_SHARE"
NOBODY = ("off", "none")
ALL = "1"
SHAPES = (
    "http://HOST:PORT or https://HOST:PORT (OTLP by HTTP, mostly port 4318), or off"
)


def settle(recorded: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """Return what was asked for, or else what is recorded; nothing if neither is.

    :param environ: has what was asked for.
    :raises ValueError: something cannot be had; the text says what can.
    """
    wanted = settled((TRACES_TO, TRACES_SHARE), recorded, environ)
    if wanted.get(TRACES_TO) in NOBODY:
        wanted[TRACES_TO] = ""
    if wanted.get(TRACES_TO):
        wanted[TRACES_TO] = _address(wanted[TRACES_TO])
    _check_share(wanted.get(TRACES_SHARE, ALL))
    return wanted


def _address(text: str) -> str:
    problem = ValueError(f"{TRACES_TO} must be {SHAPES}")
    try:
        parts = urlsplit(text)
        is_url = parts.scheme in ("http", "https") and bool(parts.hostname)
        is_url = is_url and parts.port != 0 and not (parts.query or parts.fragment)
    except ValueError:
        raise problem from None
    if not is_url or not text.isascii() or not text.isprintable() or " " in text:
        raise problem
    if "@" in parts.netloc:
        # It is not repeated, and every instance would be told it.
        raise ValueError(
            f"{TRACES_TO} takes no user and no password. Have a collector of "
            "OpenTelemetry on this machine send traces on to who wants them"
        )
    return text.rstrip("/")


def _check_share(text: str) -> None:
    try:
        share = float(text)
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        raise ValueError(
            f"{TRACES_SHARE} takes the share of the requests that are followed, more "
            f"than 0 and at most 1, such as 0.1, not '{text}'"
        )


def refuse_in_monolith(environ: Mapping[str, str]) -> None:
    """Refuse to have the requests of a monolith followed.

    :raises ValueError: that was asked for.
    """
    if asked_for(TRACES_TO, environ) not in ("", *NOBODY):
        raise ValueError(
            f"{TRACES_TO}: the monolith is one process, in which no request goes from "
            "service to service. Have the platform do it: mfup (with --move it takes "
            "over all that a monolith has)"
        )


def given(settings: Mapping[str, str]) -> dict[str, str]:
    """Return what instances are given: nothing if nobody is told.

    The first who is asked decides whether a request is followed; the others do as it
    has said.
    """
    if not settings.get(TRACES_TO):
        return {}
    told = {"OTEL_EXPORTER_OTLP_ENDPOINT": settings[TRACES_TO]}
    share = settings.get(TRACES_SHARE, ALL)
    if float(share) < 1:
        told["OTEL_TRACES_SAMPLER"] = "parentbased_traceidratio"
        told["OTEL_TRACES_SAMPLER_ARG"] = share
    return told


class Told(TypedDict):
    """Who is told of traces, and of which share of all requests."""

    to: str
    share: float


def told(settings: Mapping[str, str]) -> Told | None:
    """Return who is told; None if nobody is."""
    if not settings.get(TRACES_TO):
        return None
    share = float(settings.get(TRACES_SHARE, ALL))
    return Told(to=settings[TRACES_TO], share=share)


def sentence(found: Told) -> str:
    """Return it for people."""
    some = f" of {found['share']:.3g} of all requests" if found["share"] < 1 else ""
    return f"Traces{some} are sent to {found['to']}."
