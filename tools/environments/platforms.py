"""The platforms that this repository supports: every lock has wheels for each of them."""

import platform
from dataclasses import dataclass

from tools.core.errors import Stop


@dataclass(frozen=True)
class Platform:
    """A platform.

    Attributes:
        name: its name in messages.
        uv: its name as uv's --python-platform.
        python: its names in Python: platform.system() and platform.machine().
    """

    name: str
    uv: str
    python: tuple[str, str]


LINUX_X86_64 = Platform("Linux on x86-64", "x86_64-unknown-linux-gnu", ("Linux", "x86_64"))
PLATFORMS = (
    LINUX_X86_64,
    Platform("Linux on arm64", "aarch64-unknown-linux-gnu", ("Linux", "aarch64")),
    Platform("macOS 14 or newer on arm64", "aarch64-apple-darwin", ("Darwin", "arm64")),
)
MACS = "; on an Intel Mac, use the dev container; on Apple silicon, name a Python for arm64: make PYTHON=…"


def here() -> tuple[str, str]:
    """This machine as Python names it; of the processor, the kind that this Python is made for."""
    return platform.system(), platform.machine()


def need_supported() -> None:
    """Raises Stop on a platform for which packages of the lessons have no wheels."""
    if here() in [supported.python for supported in PLATFORMS]:
        return
    system, machine = here()
    names = ", ".join(supported.name for supported in PLATFORMS)
    raise Stop(
        f"{system} on {machine} is not supported, because packages of the lessons have no wheels for it; "
        f"supported platforms: {names}{MACS if system == 'Darwin' else ''}"
    )
