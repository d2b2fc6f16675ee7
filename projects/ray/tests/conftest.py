import os

import pytest

pytest_plugins = ["runner.testing"]


@pytest.fixture(autouse=True)
def mode_of_a_new_process() -> None:
    """Removes what Ray sets when a test starts it in this process: a fork that inherits it would send no token."""
    os.environ.pop("RAY_AUTH_MODE", None)
