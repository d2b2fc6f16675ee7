import contextlib
import os
from collections.abc import Iterator

import pytest

pytest_plugins = ["runner.testing"]


@contextlib.contextmanager
def own_variables() -> Iterator[None]:
    """Undoes what Ray sets in this process's environment: a later task would take RAY_AUTH_MODE for its caller's."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module", autouse=True)
def variables_of_module() -> Iterator[None]:
    with own_variables():
        yield


@pytest.fixture(autouse=True)
def variables_of_test() -> Iterator[None]:
    with own_variables():
        yield
