"""What models say of themselves, noted in the process of a task while flytekit stores them.

A model is stored as a pickle or in a format of its own, which nothing but its library should read. The library's own
words are asked for here, of classes whose words are known to be short and to do nothing else.
"""

import contextlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flytekit.core.type_engine import TypeEngine

from runner.records.previews import DESCRIPTIONS, WORDS

# Models of a task that are described.
MOST = 20


def estimator(value: Any) -> str:
    """A scikit-learn estimator with the parameters that are not the default."""
    base = getattr(sys.modules.get("sklearn.base"), "BaseEstimator", None)
    return repr(value) if base and isinstance(value, base) else ""


def network(value: Any) -> str:
    """A PyTorch module with its layers and the number of its parameters."""
    base = getattr(sys.modules.get("torch.nn"), "Module", None)
    if not base or not isinstance(value, base):
        return ""
    return f"{value!r}\n{sum(parameter.numel() for parameter in value.parameters()):,} parameters"


KINDS: tuple[Callable[[Any], str], ...] = (estimator, network)


def note_models(folder: Path) -> None:
    """From now on, notes the models that flytekit stores in this process in a file in the folder of the attempt."""
    found: dict[str, str] = {}
    store = TypeEngine.async_to_literal.__func__

    async def noted(cls, context, value, *types):
        literal = await store(cls, context, value, *types)
        with contextlib.suppress(Exception):  # it must not change how the task ends
            note(found, value, literal.scalar.blob.uri, folder)
        return literal

    TypeEngine.async_to_literal = classmethod(noted)


def note(found: dict[str, str], value: Any, path: str, folder: Path) -> None:
    words = next(filter(None, (kind(value) for kind in KINDS)), "")
    if words and len(found) < MOST:
        found[path] = words[:WORDS]
        (folder / DESCRIPTIONS).write_text(json.dumps(found), encoding="utf-8")
