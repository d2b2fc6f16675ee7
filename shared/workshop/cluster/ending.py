"""How a command on a cluster ends: in one line, with an exit status."""

import sys
from collections.abc import Callable

from workshop.cluster.errors import ClusterError


def ended(target: str, work: Callable[[], int]) -> int:
    """Does the work and returns the exit status; says in one line why it could not be done."""
    try:
        return work()
    except ClusterError as error:
        print(f"{target}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"\n{target}: interrupted", file=sys.stderr)
        return 130
