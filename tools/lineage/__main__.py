"""Starts the work of emit.py; all that it imports is imported where an error is one line."""

import importlib
import sys

from tools.core.early import ctrl_c_as_usual, leave_at_once


def start() -> int:
    """Returns the exit status."""
    leave_at_once("make lineage")
    from tools.core.reporting import ends_in_one_line

    def work() -> int:
        emit = importlib.import_module("tools.lineage.emit")
        ctrl_c_as_usual()
        return emit.main(*sys.argv[1:])

    return ends_in_one_line("make lineage", work)


if __name__ == "__main__":
    sys.exit(start())
