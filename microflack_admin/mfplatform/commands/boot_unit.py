"""The unit by which systemd brings a platform up when the machine starts.

See systemd.unit(5), systemd.service(5), systemd.syntax(7).
"""

from dataclasses import dataclass
from pathlib import Path

SEARCHED = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# It ends what it started by mfdown alone: what works goes on when a service does not.
UNIT = """\
# Made by `mfup --boot`; `mfup --no-boot` removes it.
[Unit]
Description=MicroFlack in {about}
{order}StartLimitIntervalSec=600
StartLimitBurst=5

[Service]
Type=oneshot
RemainAfterExit=yes
{user}Environment={environment}
ExecStart=/usr/bin/env bash {start}
ExecStop=/usr/bin/env bash {stop}
KillMode=process
Restart=on-failure
RestartSec=10
TimeoutStartSec=900
TimeoutStopSec=180

[Install]
WantedBy={target}
"""


@dataclass(frozen=True)
class Boot:
    """What is started at boot.

    :param after: units that have to be up before.
    :param user: who it runs as, where that is not who systemd is; of the system only.
    :param waits_for_network: whether it listens at an address that has to be there.
    """

    home: Path
    admin: Path
    is_system: bool
    user: str = ""
    options: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    after: tuple[str, ...] = ()
    waits_for_network: bool = False

    @property
    def systemctl(self) -> list[str]:
        """The beginning of a command to this systemd."""
        return ["systemctl"] if self.is_system else ["systemctl", "--user"]


def unit(boot: Boot) -> str:
    """Return the text of the unit."""
    # A user's own systemd knows no units of the system.
    after = list(boot.after) if boot.is_system else []
    order = ""
    if boot.waits_for_network and boot.is_system:
        after.append("network-online.target")
        order = "Wants=network-online.target\n"
    if after:
        order += f"After={' '.join(after)}\n"
    variables = (("MF_HOME", str(boot.home)), ("PATH", SEARCHED), *boot.variables)
    commands = boot.admin / "bin"
    return UNIT.format(
        about=str(boot.home).replace("%", "%%"),
        order=order,
        user=f"User={boot.user}\n" if boot.user else "",
        environment=" ".join(_quoted(f"{name}={value}") for name, value in variables),
        start=" ".join([_argument(str(commands / "mfup")), *boot.options]),
        stop=_argument(str(commands / "mfdown")),
        target="multi-user.target" if boot.is_system else "default.target",
    )


def _quoted(text: str) -> str:
    for sign, escaped in (("\\", "\\\\"), ('"', '\\"'), ("%", "%%"), ("\n", "\\n")):
        text = text.replace(sign, escaped)
    return f'"{text}"'


def _argument(text: str) -> str:
    return _quoted(text.replace("$", "$$"))
