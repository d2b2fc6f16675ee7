"""The environments that belong to no lesson."""

from tools.core.paths import ROOT, RUNNER, SHARED
from tools.environments.environment import LESSON_PACKAGES, Environment

TOOLS = Environment("tools", ROOT / "tools" / "requirements.txt")
DEV = Environment("dev tools", ROOT / "tools" / "dev.txt", disk_mb=200)
# For the tests of the runner and of the shared package: a lesson's environment, with the packages of the image that
# most lessons build on.
RUNNER_TESTS = Environment("runner", ROOT / "images" / "sklearn" / "requirements.txt", LESSON_PACKAGES, disk_mb=900)
# The library of the standard needs a dozen packages, which no lesson has.
LINEAGE = Environment("lineage", ROOT / "tools" / "lineage.txt", (RUNNER,))
# What builds the site, which no other target needs.
SITE = Environment("site", ROOT / "tools" / "site.txt", disk_mb=100)
# Flyte 2, which shares no package with the lessons; for the tests of docs/flyte-2.md.
FLYTE_2 = Environment("flyte-2", ROOT / "docs" / "flyte-2" / "requirements.txt", (SHARED,), disk_mb=600)
