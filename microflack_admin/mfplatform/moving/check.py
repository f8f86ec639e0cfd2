"""Whether a service can be moved out of a monolith to this platform."""

from mfplatform.monolith import process, serving
from mfplatform.monolith.services import Service
from mfplatform.moving.progress import Stage
from mfplatform.moving.room import check_disk
from mfplatform.runtime import base
from mfplatform.state import instances
from mfplatform.state.home import Home, PlatformError

# Without the same, nobody would stay signed in, and no service believe another.
SHARED_SECRETS = ("JWT_SECRET_KEY", "SERVICE_KEY")


def check(home: Home, source: Home, service: Service, stage: Stage | None) -> None:
    """Raise PlatformError if it cannot be moved; the text says why.

    :param home: the platform's.
    :param source: the monolith's.
    :param stage: how far its move has come.
    """
    base.running(home)
    if not process.is_here(source):
        raise PlatformError(f"{source.path} has no monolith")
    process.check_running(source)
    check_behind(home, source)
    check_release(source, service)
    if stage is None and service.needs_database:
        check_disk(home, process.folder(source) / f"{service.name}.db")
    running = [
        one.name for one in instances.all_instances(home) if one.service == service.name
    ]
    if running and service.needs_database and stage is not Stage.MOVED:
        raise PlatformError(
            f"this platform runs {', '.join(running)} already, whose rows would be "
            "mixed with the monolith's. Nothing was changed: a platform with another "
            "MF_HOME can take them"
        )


def check_behind(home: Home, source: Home) -> None:
    """Refuse a monolith that stands elsewhere."""
    balancer = source.settings.get("MF_LB")
    is_behind = balancer in (home.services_balancer, home.balancer)
    ours, theirs = home.secrets, source.secrets
    shares = all(ours.get(name) == theirs.get(name) for name in SHARED_SECRETS)
    if not (is_behind and shares):
        raise PlatformError(
            f"the monolith of {source.path} does not stand behind this platform. How "
            "it is put there: docs/monolith.md"
        )


def check_release(source: Home, service: Service) -> None:
    """Refuse a monolith that runs another release of the service."""
    for one in serving.servers(source):
        folder = one.root / service.folder.name
        try:
            version = (folder / "VERSION").read_text(encoding="utf-8").strip()
        except OSError:
            version = "none"
        if version != service.version:
            raise PlatformError(
                f"the monolith of {source.path} runs another release of {service.name} "
                f"than this checkout has: {version}, not {service.version}. Start it "
                "again from this checkout: mfup --monolith"
            )
