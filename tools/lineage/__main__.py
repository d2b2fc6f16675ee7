"""Starts the work of emit.py; all that it imports is imported where an error is one line."""

import importlib
import sys

from tools.core.early import leave_at_once


def start() -> int:
    """Returns the exit status."""
    leave_at_once("make lineage")
    from tools.core.reporting import ends_in_one_line

    def work() -> int:
        return importlib.import_module("tools.lineage.emit").main(*sys.argv[1:])

    return ends_in_one_line("make lineage", work)


if __name__ == "__main__":
    sys.exit(start())
