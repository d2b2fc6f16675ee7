"""docker buildx bake: builds targets of docker-bake.hcl, or says what each is made of."""

import functools
import json
import subprocess
import sys
from typing import Any

from tools.core import git
from tools.core.disk import need_disk
from tools.core.errors import Stop
from tools.core.paths import ROOT
from tools.core.reporting import last_line
from tools.core.secrets import hidden
from tools.images import build_variables, jars, platforms
from tools.images.base_image import pinned
from tools.images.engine import keeps_attestations
from tools.images.naming import REGISTRY, tag

# An uncompressed image, the build's own copy of it, and room to breathe.
BUILD_DISK_MB = 3000


def bake_command(targets: list[str]) -> dict[str, Any]:
    """How bake is called, as `subprocess.run` takes it, with the facts of this tree as bake variables."""
    facts = {
        "REGISTRY": REGISTRY,
        "TAG": tag(),
        "REVISION": git.answer("rev-parse", "HEAD"),
        "CREATED": git.answer("log", "-1", "--format=%cI") if git.revision() else "",
        "SOURCE": git.source(),
        "JARS_INSIDE": " ".join(jars.names()),
        # Else every environment between base and lesson would become an image without a name, too.
        "BUILDX_NO_DEFAULT_LOAD": "1",
        # WHEELS, JARS and CERTIFICATES may be outside of the checkout, which newer buildx asks about at a terminal.
        "BUILDX_BAKE_ENTITLEMENTS_FS": "0",
    }
    # bake takes its variables from the environment.
    return {"args": ["docker", "buildx", "bake", *targets], "cwd": ROOT, "env": build_variables.of_builds() | facts}


def bake(targets: list[str]) -> None:
    """Builds bake targets."""
    need_disk(ROOT, BUILD_DISK_MB)
    platforms.need(platforms.wanted())
    command = bake_command(targets)
    if "ATTEST" in command["env"] and not keeps_attestations():
        raise Stop(
            "ATTEST=1 needs an engine with containerd's image store, to keep SBOM and provenance with the image; "
            'in its daemon.json: "features": {"containerd-snapshotter": true}'
        )
    command["env"]["BASE_IMAGE"] = base_image()
    if without_secrets(command):
        raise Stop("docker buildx bake failed, see above; if no registry can be reached, set BASE_IMAGE=<local image>")


def without_secrets(command: dict[str, Any]) -> int:
    """Runs a build and returns its exit status; where it gets an index with a password, that is not printed."""
    index = command["env"].get("INDEX", "")
    if hidden(index, command["env"]) == index:
        return subprocess.run(**command).returncode
    process = subprocess.Popen(**command, stderr=subprocess.PIPE, text=True, errors="replace")
    try:
        for line in process.stderr or ():
            print(hidden(line, command["env"]), end="", file=sys.stderr, flush=True)
    finally:
        process.wait()
    return process.returncode


def bake_plan(targets: list[str]) -> dict[str, dict[str, Any]]:
    """The targets that bake would build for `targets`, and what each is made of."""
    answer = subprocess.run(**bake_command(["--print", *targets]), capture_output=True, text=True)
    if answer.returncode:
        raise Stop(f"docker buildx bake: {hidden(last_line(answer.stderr))}")
    return json.loads(answer.stdout)["target"]


@functools.cache
def base_image() -> str:
    """The image that all images are built on, with its digest; one for all that this process builds and tests."""
    return pinned(bake_plan(["base"])["base"]["args"]["BASE_IMAGE"])
