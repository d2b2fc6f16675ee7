"""Conditions on parts of an output, as in `made.a > 0`, in the workflows that are compiled here.

flytekit calls a variable of a condition by its node and output only, and binds the first part for it: of two parts of
one output, the first would be compared both times. Here a variable's name holds the path to the part too.
"""

from typing import Any

from flytekit.core import condition
from flytekit.core.promise import Promise
from flytekit.models.core.condition import Operand

without_parts = condition.transform_to_operand


def variable(promise: Promise) -> str:
    """The name of what a condition compares, unique in its workflow."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in promise.ref.attr_path)
    return f"{promise.ref.node_id}.{promise.ref.var}{''.join(steps)}"


def operand(value: Any) -> tuple[Operand, Promise | None]:
    """A side of a comparison, and the promise that it needs."""
    if isinstance(value, Promise) and value.ref.attr_path:
        return Operand(var=variable(value)), value
    return without_parts(value)


def merged(*promises: Promise | None) -> list[Promise]:
    """The promises that a branch needs, one for each variable."""
    needed = [promise for promise in promises if promise is not None and promise.ref]
    return list({variable(promise): promise.with_var(variable(promise)) for promise in needed}.values())


condition.transform_to_operand = operand
condition.merge_promises = merged
