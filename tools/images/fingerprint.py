"""The content of an image: what has to be the same where it is built, when it is tested, and in a registry.

Neither image IDs nor digests tell: the same layers have other digests once they are compressed, and the digest of
an index changes with the times in its provenance.
"""

import hashlib
import json
import platform
import subprocess
from collections.abc import Iterable
from typing import Any

from tools.core.paths import STATE

CONFIG = ("User", "Env", "Entrypoint", "Cmd", "WorkingDir", "Labels")
# A file for every content that was tested.
TESTED = STATE / "tested"


def content(config: dict[str, Any], layers: list[str]) -> str:
    """A digest of an image's layers, each given by its digest before compression, and of how it is started."""
    facts = [layers, [config.get(name) or None for name in CONFIG]]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def built(reference: str) -> str:
    """The content of an image in the engine; empty if it is not there."""
    answer = subprocess.run(["docker", "image", "inspect", reference], capture_output=True, text=True)
    if answer.returncode:
        return ""
    image = json.loads(answer.stdout)[0]
    return content(image["Config"], image["RootFS"]["Layers"])


def published(image: dict[str, Any]) -> str:
    """The content of a published image, for this machine's platform, from what `registry.inspect` says; or empty."""
    if "rootfs" not in image:
        machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
        image = image.get(f"linux/{machine}", {})
    return content(image["config"], image["rootfs"]["diff_ids"]) if image else ""


def remember_tested(contents: Iterable[str]) -> None:
    """Notes that images passed their tests."""
    TESTED.mkdir(parents=True, exist_ok=True)
    for content in contents:
        (TESTED / content).touch()


def is_tested(content: str) -> bool:
    """Whether an image with this content passed its tests on this machine."""
    return bool(content) and (TESTED / content).exists()
