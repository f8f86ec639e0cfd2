"""Have systemd bring the platform up when the machine starts, or not any more.

    python3 -m mfplatform.commands.boot check
    python3 -m mfplatform.commands.boot on [MFUP_OPTION...]
    python3 -m mfplatform.commands.boot off [MFUP_OPTION...]

"check" fails where there is no systemd. Root gets a unit of the system, everybody else
one of their own. Runs with any Python 3.
"""

import os
import pwd
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from mfplatform.commands.boot_unit import Boot, unit
from mfplatform.runtime import base
from mfplatform.state import membership
from mfplatform.state.home import Home, PlatformError, write_private

# It is there where systemd runs the machine: sd_booted(3).
SYSTEMD = Path("/run/systemd/system")
SYSTEM_UNITS = Path("/etc/systemd/system")
LINGERING = Path("/var/lib/systemd/linger")
NONE = (
    "there is no systemd here that could start it at boot. Have whatever starts this "
    "machine or container call mfup"
)


def here(home: Home, options: Sequence[str]) -> Boot:
    """Return what is to be started for a platform, or a monolith."""
    settings = home.settings
    owner = home.path.stat().st_uid
    is_system = os.getuid() == 0
    after: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    if home.runtime in base.names():
        runtime = base.create(home)
        after = runtime.boot_after
        found = ((name, os.environ.get(name, "")) for name in runtime.variables)
        variables = tuple((name, value) for name, value in found if value)
    return Boot(
        home=home.path.resolve(),
        admin=Path(os.environ["MF_ADMIN"]).resolve(),
        is_system=is_system,
        user=pwd.getpwuid(owner).pw_name if is_system and owner else "",
        options=tuple(options),
        variables=variables,
        after=after,
        waits_for_network=membership.is_in_network(settings),
    )


def place(home: Home, is_system: bool) -> Path:
    """Return the file of the unit: each platform has its own."""
    folder = SYSTEM_UNITS
    if not is_system:
        own = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
        folder = Path(own) / "systemd" / "user"
    return folder / f"microflack-{home.id}.service"


def systemctl(command: Sequence[str]) -> None:
    """Tell systemd something.

    :raises PlatformError: it refuses, or cannot be reached.
    """
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise PlatformError(f"{' '.join(command)} failed: {done.stderr.strip()}")


def switch_on(boot: Boot, file: Path, tell: Callable[[Sequence[str]], None]) -> bool:
    """Have it started at boot, and known to systemd as started now; False if it was so.

    :raises PlatformError: systemd does not do it.
    """
    is_new = write_private(file, unit(boot))
    # There is no secret in it, and systemd wants others to be able to read it.
    file.chmod(0o644)
    tell([*boot.systemctl, "daemon-reload"])
    tell([*boot.systemctl, "enable", "--quiet", file.name])
    # It runs already, so this changes nothing but what systemd knows, and shows now
    # whether it will work.
    tell([*boot.systemctl, "start", file.name])
    return is_new


def switch_off(
    is_system: bool, file: Path, tell: Callable[[Sequence[str]], None]
) -> bool:
    """Have it not started at boot any more; False if it was not. What runs goes on."""
    if not file.exists():
        return False
    begin = ["systemctl"] if is_system else ["systemctl", "--user"]
    tell([*begin, "disable", "--quiet", file.name])
    file.unlink()
    tell([*begin, "daemon-reload"])
    return True


def say(text: str) -> None:
    """Report what was done."""
    print(text, file=sys.stderr)


def _on(home: Home, options: Sequence[str]) -> None:
    boot = here(home, options)
    file = place(home, boot.is_system)
    is_new = switch_on(boot, file, systemctl)
    say(f"{'From now on it' if is_new else 'It'} starts with the machine: {file}")
    name = pwd.getpwuid(os.getuid()).pw_name
    if not boot.is_system and not (LINGERING / name).exists():
        say(
            "That is when you log in. To have it start before that, and stay when you "
            f"log out: sudo loginctl enable-linger {name}"
        )


def _off(home: Home) -> None:
    is_system = os.getuid() == 0
    file = place(home, is_system)
    was_on = switch_off(is_system, file, systemctl)
    say(
        f"It does not start with the machine any more: {file} is removed"
        if was_on
        else "It does not start with the machine"
    )


def main(arguments: list[str]) -> int:
    """Do it, and say what was done."""
    action, *options = arguments
    home = Home.here()
    try:
        if action != "off" and not SYSTEMD.is_dir():
            raise PlatformError(NONE)
        if action == "on":
            _on(home, options)
        elif action == "off":
            _off(home)
    except (PlatformError, OSError) as error:
        print(f"mfup: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
