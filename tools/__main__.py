"""Calls what stands behind a make target; the target's variables come from the environment."""

import importlib
import os
import sys

from tools.reporting import ends_in_one_line

# A target's module is imported only when the target is called: `make run` starts fast.
TARGETS = {
    "list": "tools.doctor:list_lessons",
    "doctor": "tools.doctor:doctor",
    "setup": "tools.local:setup",
    "run": "tools.local:run",
    "clear-cache": "tools.local:clear_cache",
    "run-all": "tools.local:run_all",
    "recover": "tools.local:recover",
    "lineage": "tools.lineage:lineage",
    "test": "tools.suites:test",
    "test-tools": "tools.suites:test_tools",
    "typecheck": "tools.typecheck:typecheck",
    "lock": "tools.locks:lock",
    "lint": "tools.checks:lint",
    "format": "tools.checks:format_all",
    "build": "tools.images:build",
    "build-all": "tools.images:build_all",
    "test-image": "tools.image_tests:test_image",
    "publish": "tools.publish:publish",
    "test-publish": "tools.publish:test_publish",
    "check-pages": "tools.pages:check_pages",
    "sandbox-up": "tools.sandbox:sandbox_up",
    "sandbox-down": "tools.sandbox:sandbox_down",
    "publish-index": "tools.publish_index:publish_index",
    "promote": "tools.promote:promote",
    "changed": "tools.changed:changed",
    "register": "tools.cluster:register",
    "register-all": "tools.cluster:register_all",
    "watch": "tools.cluster:watch",
    "abort": "tools.cluster:abort",
    "test-cluster": "tools.cluster:test_cluster",
    "activate": "tools.cluster:activate",
    "deactivate": "tools.cluster:deactivate",
    "schedules": "tools.cluster:schedules",
    "new-project": "tools.scaffold:new_project",
}


def main(target: str) -> int:
    module, _, function = TARGETS[target].partition(":")
    return ends_in_one_line(f"make {target}", getattr(importlib.import_module(module), function))


if __name__ == "__main__":
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.exit(main(sys.argv[1]))
