"""`make test-publish`: publishes into registries of its own, and reads everything back."""

import shutil

from tools.core.errors import Stop
from tools.core.paths import ROOT
from tools.environments.known import DEV
from tools.images.engine import need_docker
from tools.tiers.pytest import pytest


def test_publish() -> int:
    """Publishes into registries that are started for the tests, and reads everything back by a standard client."""
    need_docker()
    for program in ("docker-registry", "skopeo"):
        if not shutil.which(program):
            raise Stop(f"{program} is not on PATH; install it (Debian, Ubuntu: apt install docker-registry skopeo)")
    return pytest(DEV, ROOT / "tools", "registry_tests")
