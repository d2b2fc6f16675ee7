"""Starts the work of emit.py; all that it imports is imported where an error is one line."""

import sys

from tools.core.early import leave_at_once

if __name__ == "__main__":
    leave_at_once("make lineage")
    from tools.core.reporting import ends_in_one_line

    module = "tools.lineage.emit"
    sys.exit(ends_in_one_line("make lineage", lambda: sys.modules[module].main(*sys.argv[1:]), module))
