"""What a tier needs of this machine, and what was found of it: the rows of `make doctor`."""

from collections.abc import Iterable
from typing import NamedTuple

from tools.core.errors import Stop


class Check(NamedTuple):
    """A row: the next step is empty where what was found is enough."""

    tier: str
    what: str
    found: str
    next_step: str = ""


def enough(tier: str, what: str, have: int, needed: int, next_step: str, unit: str = " MB") -> Check:
    """Whether there is enough of something that is counted."""
    return Check(tier, what, f"{have}{unit}, {needed}{unit} needed", "" if have >= needed else next_step)


def need(checks: Iterable[Check]) -> None:
    """Raises Stop with the first thing that this machine lacks."""
    for check in checks:
        if check.next_step:
            raise Stop(f"{check.what}: {check.found}; {check.next_step}")
