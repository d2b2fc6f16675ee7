"""What a registry has: asked through docker's own client, so that its credentials, certificates and mirrors count."""

import json
import re
import subprocess

from tools.errors import Stop

REASONS = [
    (
        r"no basic auth|authorization failed|unauthorized|401|403|denied",
        "it does not let you in; log in: docker login {host}",
    ),
    (r"HTTP response to HTTPS client", "it speaks plain HTTP; add it to insecure-registries in Docker's daemon.json"),
    (r"x509|400 Bad Request|tls:", "it speaks TLS with a certificate or a name that docker does not trust"),
    (r"no space left|507|500 Internal Server Error", "it failed; its disk may be full, its log says more"),
    (r"refused|no such host|i/o timeout|unreachable|EOF|reset by peer|503|502", "it does not answer; is it running?"),
]


def host(reference: str) -> str:
    """The registry of a reference."""
    return reference.partition("/")[0]


def reason(reference: str, told: str) -> str:
    """Why a registry did not do what docker asked it for, in one line: what that means, and docker's last words."""
    words = told.strip().splitlines()[-1].removeprefix("ERROR: ")[-300:] if told.strip() else "no word from docker"
    known = [meaning.format(host=host(reference)) for pattern, meaning in REASONS if re.search(pattern, told)]
    return f"registry {host(reference)}: {known[0]} (docker: {words})" if known else f"docker: {words}"


def inspect(reference: str) -> dict:
    """A published image: name, manifest (with its digest) and image, its configuration; empty if there is none.

    The image of several platforms is a mapping from platform to configuration.

    Raises:
        Stop: the registry does not answer, or does not let us in.
    """
    command = ["docker", "buildx", "imagetools", "inspect", "--format", "{{json .}}", reference]
    answer = subprocess.run(command, capture_output=True, text=True)
    if answer.returncode == 0:
        return json.loads(answer.stdout)
    if answer.stderr.strip().endswith(f"{reference}: not found"):
        return {}
    raise Stop(reason(reference, answer.stderr))


def digest(reference: str) -> str:
    """The digest, sha256:…, of a published image (of its index, if it has one); empty if it is not published.

    Raises:
        Stop: the registry does not answer, or does not let us in.
    """
    published = inspect(reference)
    return published["manifest"]["digest"] if published else ""
