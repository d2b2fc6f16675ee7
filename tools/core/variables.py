"""Environment variables: what child processes get, and how switches are read."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from tools.core.errors import Stop

# pip's variables, which a restricted network already sets, and what uv calls them.
PIP_NAMES = {
    "PIP_INDEX_URL": "UV_DEFAULT_INDEX",
    "PIP_EXTRA_INDEX_URL": "UV_INDEX",
    "PIP_FIND_LINKS": "UV_FIND_LINKS",
    "PIP_TRUSTED_HOST": "UV_INSECURE_HOST",
    "PIP_DEFAULT_TIMEOUT": "UV_HTTP_TIMEOUT",
    "PIP_PROXY": "ALL_PROXY",
    "PIP_CERT": "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE": "SSL_CERT_FILE",
}
# Would make uv refuse what it installs from this repository, or install something else than the lock says.
UV_HABITS = (
    *("UV_REQUIRE_HASHES", "UV_CONSTRAINT", "UV_NO_EDITABLE", "UV_VENV_SEED"),
    *("UV_PROJECT", "UV_WORKING_DIR", "UV_WORKING_DIRECTORY"),
)
# Would lead a child process to another interpreter's packages, keep it from caching bytecode, which halves every later
# start, make errors of what flytekit is warned of, or leave out some of the tests of an exercise, or their assertions.
UNWANTED = (
    *("PYTHONPATH", "PYTHONHOME", "PYTHONSAFEPATH", "PYTHONPLATLIBDIR", "PYTHONINSPECT", "PYTHONDONTWRITEBYTECODE"),
    *("PYTHONWARNINGS", "PYTHONOPTIMIZE", "PYTEST_ADDOPTS", "PYTEST_PLUGINS", "VIRTUAL_ENV", *UV_HABITS),
)
PYTHONS = ("3.11", "3.12")
LEVEL = "a number: 10 is debug, 20 info, 30 warning, 40 error"
# What flytekit reads as soon as it is imported, with errors that do not name the variable; how, and what is allowed.
READ_BY_FLYTEKIT: dict[str, tuple[Callable[[str], object], str]] = {
    "FLYTE_SDK_LOGGING_LEVEL": (int, LEVEL),
    "FLYTE_SDK_DEV_LOGGING_LEVEL": (int, LEVEL),
    "FLYTE_AWS_BACKOFF_SECONDS": (int, "a whole number of seconds"),
    "FLYTE_CREDENTIALS_CLIENT_SECRET_LOCATION": (lambda path: Path(path).read_text(), "the path of a text file"),
}


def clean_environment(outer: Mapping[str, str] = os.environ) -> dict[str, str]:
    """A copy of the environment variables for child processes, pip's names translated for uv.

    Git's own variables stay out: in a hook they name the repository of the hook, whatever a child asks about. So do
    Flyte's where they are empty: flytekit takes an empty address for an address.
    """
    inner = {
        name: value
        for name, value in outer.items()
        if name not in UNWANTED and not name.startswith("GIT_") and (value or not name.startswith("FLYTE"))
    }
    for pip_name, uv_name in PIP_NAMES.items():
        if outer.get(pip_name):
            separator = "," if uv_name == "UV_FIND_LINKS" else " "
            inner.setdefault(uv_name, separator.join(outer[pip_name].split()))
    return inner


def switch(name: str) -> bool:
    """Whether a variable is switched on: 1 is yes, 0 and empty are no.

    Raises:
        Stop: it has another value.
    """
    value = os.environ.get(name, "")
    if value not in ("", "0", "1"):
        raise Stop(f"{name} must be 1 for yes, or 0 or empty for no, not {value!r}")
    return value == "1"


def need_flyte_variables() -> None:
    """Raises Stop if a variable has a value at which the import of flytekit fails."""
    for name, (read, allowed) in READ_BY_FLYTEKIT.items():
        value = os.environ.get(name)
        try:
            if value:
                read(value)
        except (OSError, ValueError):
            raise Stop(f"{name} must be {allowed}, not {value!r}; correct or unset it") from None


def python_version() -> str:
    """The Python of the environments: LESSON_PYTHON, by default 3.11.

    A name of our own: official images of Python set PYTHON_VERSION to their own version.

    Raises:
        Stop: it is no Python that the locks are made for.
    """
    version = os.environ.get("LESSON_PYTHON") or PYTHONS[0]
    if version not in PYTHONS:
        raise Stop(f"LESSON_PYTHON must be {' or '.join(PYTHONS)}, not {version!r}; the locks are made for no other")
    return version
