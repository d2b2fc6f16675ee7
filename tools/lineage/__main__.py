"""Starts the work of emit.py; all that it imports is imported where an error is one line."""

import sys

from tools.core.early import leave_at_once


def start() -> int:
    """Returns the exit status."""
    leave_at_once("make lineage")
    from tools.core.reporting import ends_in_one_line

    module = "tools.lineage.emit"
    return ends_in_one_line("make lineage", lambda: sys.modules[module].main(*sys.argv[1:]), module)


if __name__ == "__main__":
    sys.exit(start())
