"""Sets up .tools/: the pinned uv, and the environment in which the make targets run.

make calls this with whatever python3 the machine has, so the lines before the version check must
parse under any Python 3. Needs pip or venv beside it, nothing else.
"""

import sys

if sys.version_info < (3, 10):
    sys.exit(
        "make: Python 3.10 or newer is needed, this is %d.%d; name another Python: make PYTHON=python3.11"
        % sys.version_info[:2]
    )

from tools.core.early import leave_at_once

if __name__ == "__main__":
    leave_at_once("set-up")

import importlib.util
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tools.core.errors import Stop
from tools.core.exclusive import exclusively
from tools.core.paths import ROOT, STATE, need_path
from tools.core.reporting import ends_in_one_line, last_line
from tools.core.secrets import check, hidden
from tools.environments.platforms import need_supported

UV_LOCK = ROOT / "tools" / "uv.txt"
READY = STATE / "ready"
PROTECTIONS = (
    *("PIP_REQUIRE_VIRTUALENV", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_DRY_RUN", "PIP_CONSTRAINT"),
    *("PIP_NO_BINARY", "PIP_PYTHON", "PYTHONPATH", "PYTHONHOME", "PYTHONSAFEPATH", "FORCE_COLOR"),
)


def pip_command(folder: Path) -> list[str]:
    """The command line of a pip: the interpreter's own, or one in a new environment in `folder`."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    made = subprocess.run([sys.executable, "-m", "venv", folder / "pip"], capture_output=True)
    if made.returncode:
        raise Stop(f"{sys.executable} has neither pip nor venv; install one (Debian, Ubuntu: apt install python3-venv)")
    return [str(folder / "pip" / "bin" / "python"), "-m", "pip"]


def install_uv() -> None:
    """Puts uv into .tools/uv; the rename at the end makes it all or nothing."""
    with tempfile.TemporaryDirectory(dir=STATE, prefix="uv-") as folder:
        unpacked = Path(folder) / "uv"
        command = [*pip_command(Path(folder)), "install", "--quiet", "--no-deps", "--require-hashes"]
        command += ["--only-binary=:all:", "--target", str(unpacked), "--requirement", str(UV_LOCK)]
        # What people set to protect their own Python; nothing is installed into it here. Nobody sees colours either.
        environment = {name: value for name, value in os.environ.items() if name not in PROTECTIONS}
        environment["TMPDIR"] = folder  # pip leaves its temporary files when SIGTERM or SIGHUP ends it
        pip = subprocess.run(command, capture_output=True, text=True, env=environment)
        if pip.returncode:
            errors = [line for line in pip.stderr.splitlines() if line.startswith("ERROR")]
            # A setting that pip cannot read is said where nobody else looks.
            reason = errors[-1] if errors else last_line(pip.stderr or pip.stdout)
            raise Stop(f"uv could not be installed; is the package registry reachable? pip: {hidden(reason)}")
        shutil.rmtree(STATE / "uv", ignore_errors=True)
        unpacked.rename(STATE / "uv")


def main() -> None:
    need_supported()
    need_path()
    check()
    from tools.environments.known import TOOLS  # reads variables, which may be wrong

    STATE.mkdir(exist_ok=True)
    with exclusively("bootstrap"):
        wanted = UV_LOCK.read_text()
        stamp = STATE / "uv" / "lock"
        if not stamp.exists() or stamp.read_text() != wanted:
            print("set-up: installing uv into .tools/", flush=True)
            install_uv()
            stamp.write_text(wanted)
        # Not `ensure`: to compare the lock with its .in file takes a package that is installed by this very step.
        TOOLS.make().link(STATE / "venv")
        READY.touch()


if __name__ == "__main__":
    sys.exit(ends_in_one_line("set-up", main, "tools.environments.known"))
