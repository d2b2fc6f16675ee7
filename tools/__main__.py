"""Calls what stands behind a make target; the target's variables come from the environment."""

import sys

from tools.core.early import leave_at_once

# The module of each target, in which a function has the target's name. It is imported only when the target is called:
# `make run` starts fast.
MODULES = {
    "tools.lessons.listing": ("list", "workshop"),
    "tools.tiers.local": ("setup", "run", "graph", "clear-cache", "run-all", "recover"),
    "tools.tiers.benchmark": ("benchmark",),
    "tools.tiers.lineage": ("runs", "lineage"),
    "tools.tiers.suites": ("test", "test-tools", "test-publish"),
    "tools.tiers.exercises": ("check", "progress"),
    "tools.tiers.proofs": ("test-exercises",),
    "tools.tiers.typecheck": ("typecheck",),
    "tools.tiers.image": ("test-image",),
    "tools.tiers.cluster": (
        *("register", "register-all", "watch", "abort", "test-cluster"),
        *("activate", "deactivate", "schedules"),
    ),
    "tools.images.build": ("build", "build-all"),
    "tools.images.jars": ("jars",),
    "tools.images.publish": ("publish",),
    "tools.images.publish_index": ("publish-index",),
    "tools.images.promote": ("promote",),
    "tools.sandbox.sandbox": ("sandbox-up", "sandbox-down"),
    "tools.site.build": ("site",),
    "tools.upkeep.doctor": ("doctor",),
    "tools.upkeep.lock": ("lock",),
    "tools.upkeep.lint": ("lint", "format"),
    "tools.upkeep.changed": ("changed",),
    "tools.upkeep.pages": ("check-pages",),
    "tools.upkeep.scaffold": ("new-project",),
}
TARGETS = {target: module for module, targets in MODULES.items() for target in targets}
# Python has functions of the other names.
FUNCTIONS = {target: target.replace("-", "_") for target in TARGETS} | {"list": "list_lessons", "format": "format_all"}

# The switches that a target reads; a wrong value is reported before the target does anything.
SWITCHES = {
    "run": ("REMOTE", "NEW", "NO_CACHE", "FAST"),
    "run-all": ("NEW", "NO_CACHE"),
    "recover": ("REMOTE", "FAST"),
    "lineage": ("EMIT",),
    "check": ("HINT", "SOLUTION", "RESET"),
    "test-exercises": ("QUICK",),
    **dict.fromkeys(("build", "build-all", "test-image"), ("ATTEST",)),
    "publish": ("ATTEST", "DIRTY"),
    "publish-index": ("DIRTY",),
    **dict.fromkeys(("sandbox-up", "doctor"), ("SPARK", "RAY")),
    "sandbox-down": ("VOLUME",),
    **dict.fromkeys(MODULES["tools.tiers.cluster"], ("FAST",)),
}


def main(target: str) -> int:
    """Does what a target says; returns the exit status."""
    from tools.core.disk import need_temporary_folder
    from tools.core.paths import need_path
    from tools.core.reporting import ends_in_one_line
    from tools.core.variables import need_flyte_variables, switch

    module = TARGETS[target]

    def work() -> int | None:
        need_path()
        need_temporary_folder()
        need_flyte_variables()
        for name in SWITCHES.get(target, ()):
            switch(name)
        return getattr(sys.modules[module], FUNCTIONS[target])()

    return ends_in_one_line(f"make {target}", work, module)


if __name__ == "__main__":
    leave_at_once(f"make {sys.argv[1]}")
    sys.exit(main(sys.argv[1]))
