"""Environment variables: what child processes get, and how switches are read."""

import os
from collections.abc import Mapping

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
# Would lead a child process to another interpreter's packages, or keep it from caching bytecode,
# which halves every later start.
UNWANTED = ("PYTHONPATH", "PYTHONHOME", "PYTHONSAFEPATH", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE")


def clean_environment(outer: Mapping[str, str] = os.environ) -> dict[str, str]:
    """A copy of the environment variables for child processes, pip's names translated for uv.

    Git's own variables stay out: in a hook they name the repository of the hook, whatever a child asks about.
    """
    inner = {name: value for name, value in outer.items() if name not in UNWANTED and not name.startswith("GIT_")}
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
        raise Stop(f"{name} is {value!r}; it is 1 for yes, 0 or nothing for no")
    return value == "1"
