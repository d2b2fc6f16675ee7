"""The images that lessons' images build on: targets of docker-bake.hcl."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tools.core.paths import ROOT

Base = Literal["base", "tabular", "sklearn", "spark-base"]


@dataclass(frozen=True)
class BaseImage:
    """What is in a base image, and how large it may become.

    Attributes:
        size_mb: its budget, in units of 10^6 bytes.
        lock: what is installed in it, Flyte among it; a lesson that builds on it has the same versions in its lock.
        imports: the module that must be importable in it without a warning.
    """

    size_mb: int
    lock: Path | None = None
    imports: str = "venv"


BASES: dict[Base, BaseImage] = {
    "base": BaseImage(size_mb=200),
    "tabular": BaseImage(size_mb=700, lock=ROOT / "images" / "tabular" / "requirements.txt", imports="pandas"),
    "sklearn": BaseImage(size_mb=900, lock=ROOT / "images" / "sklearn" / "requirements.txt", imports="sklearn"),
    "spark-base": BaseImage(size_mb=200),
}
