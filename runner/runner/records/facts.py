"""Objects of data classes from JSON that somebody may have changed: each field is checked against its annotation."""

import functools
from dataclasses import is_dataclass
from typing import Any, get_args, get_origin, get_type_hints


def of_facts(kind: type, facts: dict[str, Any]) -> Any:
    """An object of a data class from its JSON; raises TypeError if a field is of another type than the class says."""
    hints = types_of(kind)
    return kind(**{name: of_type(facts[name], hints[name]) for name in hints if name in facts})


@functools.cache
def types_of(kind: type) -> dict[str, Any]:
    """The types of a data class's fields."""
    return get_type_hints(kind)


def of_type(value: Any, hint: Any) -> Any:
    """A value from JSON as an annotation says; raises TypeError if it is not of that type."""
    kind, kinds = get_origin(hint), get_args(hint) or (hint,)
    if hint is Any:
        return value
    if is_dataclass(hint):
        return of_facts(hint, value)
    if kind in (list, dict):
        if not isinstance(value, kind):
            raise TypeError(f"{type(value).__name__} is not {hint}")
        if kind is list:
            return [of_type(item, kinds[0]) for item in value]
        return {key: of_type(item, kinds[1]) for key, item in value.items()}
    if not isinstance(value, kinds) and not (float in kinds and isinstance(value, int)):
        raise TypeError(f"{type(value).__name__} is not {hint}")
    return value
