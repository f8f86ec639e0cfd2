"""A base image that need not be pulled, for the tests' own Docker engine."""

import subprocess
from datetime import date
from hashlib import sha256
from pathlib import Path

from engines import Engine, NoEngine

BASE = "debian:bookworm-slim"
AUTHORITIES = Path("/usr/local/share/ca-certificates")
BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
# The label that says what a base image was made of.
MADE_OF = "microflack.base"
# As Debian's own image has it, so that sizes and times are those of a user at home.
SLIM = (
    "path-exclude=/usr/share/doc/*",
    "path-exclude=/usr/share/man/*",
    "path-exclude=/usr/share/locale/*",
    "force-unsafe-io",
)


def make_base(engine: Engine) -> None:
    """Make a stand-in for Debian's image, which trusts whom this machine trusts."""
    tar = engine.folder / "base.tar"
    bundle = _bundle(engine.folder)
    week = str(date.today().isocalendar()[:2])
    # The names of the files are others each time.
    command = str(_command(Path("bundle"), Path("tar")))
    parts = (command, bundle.read_text(), week)
    made_of = sha256("\n".join(parts).encode()).hexdigest()
    look = ("image", "inspect", "-f", f'{{{{index .Config.Labels "{MADE_OF}"}}}}')
    if engine.call(*look, BASE).stdout.strip() == made_of:
        return
    engine.docker("system", "prune", "--all", "--force")
    try:
        done = subprocess.run(_command(bundle, tar), capture_output=True, text=True)
    except OSError as error:
        raise NoEngine(f"mmdebstrap: {error}") from error
    if done.returncode:
        raise NoEngine(f"no base image can be made: {done.stderr[-500:]}")
    label = f"LABEL {MADE_OF}={made_of}"
    engine.docker("import", "--change", label, str(tar), BASE)
    tar.unlink()


def _bundle(folder: Path) -> Path:
    """Write a file with the certificates of all whom this machine trusts."""
    own = sorted(AUTHORITIES.glob("*.crt"))
    texts = [path.read_text() for path in (BUNDLE, *own) if path.exists()]
    bundle = folder / BUNDLE.name
    bundle.write_text("".join(texts))
    return bundle


def _command(bundle: Path, tar: Path) -> list[str]:
    own = sorted(AUTHORITIES.glob("*.crt"))
    configure = f"printf '[global]\\ncert = {BUNDLE}\\n' >\"$1/etc/pip.conf\""
    hooks = [f'mkdir -p "$1{BUNDLE.parent}"', configure]
    hooks += [f"copy-in {bundle} {BUNDLE.parent}"]
    hooks += [f"copy-in {AUTHORITIES} {AUTHORITIES.parent}"] if own else []
    command = ["mmdebstrap", "--format=tar", "--variant=minbase"]
    command += ["--include=usr-is-merged"]
    command += ["--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr"]
    command += ['--aptopt=Acquire::Languages "none"']
    command += [f"--dpkgopt={option}" for option in SLIM]
    command += [f"--customize-hook={hook}" for hook in hooks]
    return [*command, "bookworm", str(tar)]
