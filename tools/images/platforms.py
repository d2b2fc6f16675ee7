"""The platforms that images are built for: those that PLATFORMS names, or that of Docker's engine."""

import os
import re
from collections.abc import Iterable

from tools.core.commands import output_of
from tools.core.errors import Stop

# A builder that has not run yet fetches its image first.
START_SECONDS = 300
OF_BUILDER = re.compile(r"^Platforms:(.*)$", re.MULTILINE)


def of_engine() -> str:
    """The platform of Docker's engine, which may be on another machine: linux/amd64, for example."""
    return output_of("docker", "version", "--format", "{{.Server.Os}}/{{.Server.Arch}}")


def wanted() -> list[str]:
    """The platforms to build for."""
    named = os.environ.get("PLATFORMS", "")
    return sorted(set(named.split(","))) if named else [of_engine()]


def only(target: str) -> str:
    """The one platform that a target works with; Stop if PLATFORMS names several.

    The engine has one image under a name, and that is of one platform.
    """
    first, *others = wanted()
    if others:
        raise Stop(
            f"PLATFORMS is {os.environ['PLATFORMS']!r}; {target} takes one platform at a time: "
            f"make {target} PLATFORMS={first}"
        )
    return first


def in_command() -> str:
    """PLATFORMS as a further word of a make command; empty if it is not set."""
    return f" PLATFORMS={named}" if (named := os.environ.get("PLATFORMS")) else ""


def of_builder(name: str) -> set[str]:
    """The platforms that a builder builds for, by emulation too; an empty name is the current builder."""
    lines = OF_BUILDER.findall(
        output_of("docker", "buildx", "inspect", "--bootstrap", *filter(None, [name]), seconds=START_SECONDS)
    )
    return {word.strip(" *") for line in lines for word in line.split(",")}


def need_run(platform: str) -> None:
    """Raises Stop if the engine cannot run images of the platform."""
    # Docker has a builder of this name, and that is the engine itself.
    need([platform], output_of("docker", "context", "show"))


def need(platforms: Iterable[str], builder: str = "") -> None:
    """Raises Stop if the current builder, or the one that is named, cannot build for one of the platforms."""
    others = set(platforms) - {engine := of_engine()}
    if others and (missing := sorted(others - of_builder(builder))):
        raise Stop(
            f"{missing[0]} is not the platform of Docker's engine ({engine}), and the engine does not emulate it; "
            f"install the emulation: docker run --privileged --rm tonistiigi/binfmt --install "
            f"{missing[0].removeprefix('linux/')} (Debian, Ubuntu: sudo apt install qemu-user-static binfmt-support)"
        )
