"""Calls what stands behind a make target; the target's variables come from the environment."""

import sys

from tools.core.early import leave_at_once

# A target's module is imported only when the target is called: `make run` starts fast.
TARGETS = {
    "list": "tools.lessons.listing:list_lessons",
    "doctor": "tools.upkeep.doctor:doctor",
    "setup": "tools.tiers.local:setup",
    "run": "tools.tiers.local:run",
    "graph": "tools.tiers.local:graph",
    "clear-cache": "tools.tiers.local:clear_cache",
    "run-all": "tools.tiers.local:run_all",
    "benchmark": "tools.tiers.benchmark:benchmark",
    "recover": "tools.tiers.local:recover",
    "runs": "tools.tiers.lineage:runs",
    "lineage": "tools.tiers.lineage:lineage",
    "test": "tools.tiers.suites:test",
    "test-tools": "tools.tiers.suites:test_tools",
    "check": "tools.tiers.exercises:check",
    "progress": "tools.tiers.exercises:progress",
    "workshop": "tools.upkeep.workshop:workshop",
    "test-exercises": "tools.tiers.proofs:test_exercises",
    "typecheck": "tools.tiers.typecheck:typecheck",
    "lock": "tools.upkeep.lock:lock",
    "lint": "tools.upkeep.lint:lint",
    "format": "tools.upkeep.lint:format_all",
    "build": "tools.images.build:build",
    "build-all": "tools.images.build:build_all",
    "jars": "tools.images.jars:jars",
    "test-image": "tools.tiers.image:test_image",
    "publish": "tools.images.publish:publish",
    "test-publish": "tools.tiers.publishing:test_publish",
    "check-pages": "tools.upkeep.pages:check_pages",
    "sandbox-up": "tools.sandbox.sandbox:sandbox_up",
    "sandbox-down": "tools.sandbox.sandbox:sandbox_down",
    "publish-index": "tools.images.publish_index:publish_index",
    "promote": "tools.images.promote:promote",
    "changed": "tools.upkeep.changed:changed",
    "register": "tools.tiers.cluster:register",
    "register-all": "tools.tiers.cluster:register_all",
    "watch": "tools.tiers.cluster:watch",
    "abort": "tools.tiers.cluster:abort",
    "test-cluster": "tools.tiers.cluster:test_cluster",
    "activate": "tools.tiers.cluster:activate",
    "deactivate": "tools.tiers.cluster:deactivate",
    "schedules": "tools.tiers.cluster:schedules",
    "site": "tools.site.build:site",
    "new-project": "tools.upkeep.scaffold:new_project",
}


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
    **dict.fromkeys(("register", "register-all", "watch", "abort", "test-cluster"), ("FAST",)),
    **dict.fromkeys(("activate", "deactivate", "schedules"), ("FAST",)),
}


def main(target: str) -> int:
    """Does what a target says; returns the exit status."""
    from tools.core.disk import need_temporary_folder
    from tools.core.paths import need_path
    from tools.core.reporting import ends_in_one_line
    from tools.core.variables import need_flyte_variables, switch

    module, _, function = TARGETS[target].partition(":")

    def work() -> int | None:
        need_path()
        need_temporary_folder()
        need_flyte_variables()
        for name in SWITCHES.get(target, ()):
            switch(name)
        return getattr(sys.modules[module], function)()

    return ends_in_one_line(f"make {target}", work, module)


if __name__ == "__main__":
    leave_at_once(f"make {sys.argv[1]}")
    sys.exit(main(sys.argv[1]))
