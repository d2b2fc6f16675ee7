"""What a registry has: asked through docker's own client, so that its credentials, certificates and mirrors count."""

import json
import re
import subprocess
from collections.abc import Iterable
from typing import Any

from tools.core.errors import Stop

REASONS = [
    (r"HTTP response to HTTPS client", "it speaks plain HTTP; add it to insecure-registries in Docker's daemon.json"),
    (r"x509|400 Bad Request|tls: ", "it speaks TLS with a certificate or a name that docker does not trust"),
    (
        r"no basic auth|authorization failed|unauthorized|401 Unauth|403 Forbid|access denied|access to the resource",
        "it does not let you in; log in: docker login {host}",
    ),
    (r"no space left|507 Insuff|500 Internal", "it failed; its disk may be full, its log says more"),
    (
        r"refused|no such host|i/o timeout|unreachable|: EOF|reset by peer|broken pipe|502 Bad|503 Service",
        "it does not answer; is it running?",
    ),
]
QUERY = re.compile(r"\?[^\s\"]+")


def host(reference: str) -> str:
    """The registry of a reference."""
    return reference.partition("/")[0]


def reason(reference: str, told: str) -> str:
    """Why a registry did not do what docker asked it for, in one line: what that means, and docker's last words."""
    words = QUERY.sub("", told).strip().splitlines()[-1].removeprefix("ERROR: ") if told.strip() else "no word of why"
    known = [meaning.format(host=host(reference)) for pattern, meaning in REASONS if re.search(pattern, words)]
    return f"registry {host(reference)}: {known[0]} (docker: {words})" if known else f"docker: {words}"


def ask(reference: str, template: str) -> Any:
    """What docker says of a published image by a template that gives JSON; None if it is not published.

    Raises:
        Stop: the registry does not answer, or does not let us in.
    """
    command = ["docker", "buildx", "imagetools", "inspect", "--format", template, reference]
    answer = subprocess.run(command, capture_output=True, text=True)
    if answer.returncode == 0:
        return json.loads(answer.stdout)
    if answer.stderr.strip().endswith(f"{reference}: not found"):
        return None
    raise Stop(reason(reference, answer.stderr))


def inspect(reference: str) -> dict[str, Any]:
    """A published image: name, manifest (with its digest) and image, its configuration; empty if there is none.

    The image of several platforms is a mapping from platform to configuration.

    Raises:
        Stop: the registry does not answer, or does not let us in.
    """
    return ask(reference, "{{json .}}") or {}


def digest(reference: str) -> str:
    """The digest, sha256:…, of a published image (of its index, if it has one); empty if it is not published.

    Raises:
        Stop: the registry does not answer, or does not let us in.
    """
    published = inspect(reference)
    return published["manifest"]["digest"] if published else ""


def labels(reference: str) -> dict[str, str]:
    """The labels of a published image; of one for several platforms, those of any, since all are built alike."""
    image = inspect(reference).get("image", {})
    config = image.get("config") or next((one["config"] for one in image.values() if "config" in one), {})
    return config.get("Labels") or {}


def manifests(published: dict[str, Any]) -> set[str]:
    """The digests of what a published image is made of, each platform's and what is attested of it; else its own."""
    manifest = published["manifest"]
    return {part["digest"] for part in manifest.get("manifests", [manifest])}


def has_sbom(reference: str) -> bool:
    """Whether a published image says what is in it."""
    return bool(ask(reference, "{{json .SBOM}}"))


def create(reference: str, images: Iterable[str]) -> None:
    """Makes one image of published ones, given by digest, or gives one of them another name; copies what is missing.

    Raises:
        Stop: a registry does not answer, or does not let us in.
    """
    command = ["docker", "buildx", "imagetools", "create", "--tag", reference, *images]
    answer = subprocess.run(command, capture_output=True, text=True)
    if answer.returncode:
        raise Stop(reason(reference, answer.stderr))
