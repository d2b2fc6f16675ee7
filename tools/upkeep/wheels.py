"""Whether a lock can be installed from wheels, without a compiler, on every supported platform."""

import re
import tempfile
from pathlib import Path

from tools.core.errors import Stop
from tools.environments.environment import torch_backend
from tools.environments.platforms import LINUX_X86_64, PLATFORMS, Platform
from tools.environments.uv import uv

# Their releases are source without compiled parts, which every platform installs without a compiler.
PURE_SOURCE = ("pyspark",)
# uv's words about the first package without a wheel, as Stop has them.
NO_WHEEL = re.compile(r"has no (?:usable )?wheels.*? you require (\S+==[^\s,]+)")
# The wheels of PyTorch ask for this version. uv's default is older.
MACOS = {"MACOSX_DEPLOYMENT_TARGET": "14.0"}


def need_wheels(lock: Path, python: str, source: str) -> None:
    """Raises Stop for the first package without a wheel for a supported platform. Downloads metadata only.

    Args:
        lock: the lock.
        python: the oldest Python that the lock is for.
        source: the .in file of the lock, for messages.
    """
    for platform in PLATFORMS:
        check(lock, python, source, platform)


def check(lock: Path, python: str, source: str, platform: Platform) -> None:
    doing = f"{source}: the wheels for {platform.name} could not be checked"
    backend = torch_backend(lock.read_text(encoding="utf-8"), platform == LINUX_X86_64)
    with tempfile.TemporaryDirectory() as folder:
        command = ["pip", "sync", "--dry-run", "--allow-empty-requirements", "--target", folder]
        command += ["--python-platform", platform.uv, "--python-version", python, "--only-binary", ":all:"]
        command += [word for name in PURE_SOURCE for word in ("--no-binary", name)]
        try:
            uv([*command, *backend, lock], doing, more=MACOS)
        except Stop as stop:
            if found := NO_WHEEL.search(str(stop)):
                raise Stop(
                    f"{source}: {found[1]} has no wheel for {platform.name}, Python {python}; pin another version, or "
                    f"if no lesson uses the package, name it in {Path(source).with_suffix('.excludes')}"
                ) from None
            raise
