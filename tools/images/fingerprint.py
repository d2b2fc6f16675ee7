"""The content of an image: what has to be the same where it is built, when it is tested, and in a registry.

Neither image IDs nor digests show it: the same layers have other digests once they are compressed, and the digest of
an index changes with the times in its provenance.
"""

import hashlib
import json
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tools.core.paths import STATE

CONFIG = ("User", "Env", "Entrypoint", "Cmd", "WorkingDir", "Labels")
# A file for every content that was tested.
TESTED = STATE / "tested"


def content(config: dict[str, Any], layers: list[str]) -> str:
    """A digest of an image's layers, each given by its digest before compression, and of how it is started."""
    facts = [layers, [config.get(name) or None for name in CONFIG]]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Built:
    """An image in the engine.

    Attributes:
        content: its content.
        platform: linux/amd64, for example.
    """

    content: str
    platform: str


def built(reference: str) -> Built | None:
    """An image in the engine; None if it is not there."""
    answer = subprocess.run(["docker", "image", "inspect", reference], capture_output=True, text=True)
    if answer.returncode:
        return None
    image = json.loads(answer.stdout)[0]
    platform = f"{image['Os']}/{image['Architecture']}"
    return Built(content(image["Config"], image["RootFS"]["Layers"]), platform)


def published(image: dict[str, Any]) -> dict[str, str]:
    """The contents of a published image, by platform, from what `registry.inspect` says."""
    parts = {f"{image['os']}/{image['architecture']}": image} if "rootfs" in image else image
    return {
        platform: content(part["config"], part["rootfs"]["diff_ids"])
        for platform, part in parts.items()
        if "rootfs" in part
    }


def remember_tested(contents: Iterable[str]) -> None:
    """Notes that images passed their tests."""
    TESTED.mkdir(parents=True, exist_ok=True)
    for content in contents:
        (TESTED / content).touch()


def is_tested(content: str) -> bool:
    """Whether an image with this content passed its tests on this machine."""
    return bool(content) and (TESTED / content).exists()
