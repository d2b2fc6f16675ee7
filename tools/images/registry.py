"""What a registry has: asked through docker's own client, so that its credentials, certificates and mirrors count.

What asks a registry raises Stop if that does not answer, or does not let us in.
"""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from tools.core.errors import Stop
from tools.images.naming import SANDBOX

Answer = TypeVar("Answer")


class Transient(Stop):
    """The registry failed in a way that often passes: the same request may succeed in a moment."""


FAILED = "it failed or closed the connection; its disk may be full, its log says more"
START_SANDBOX = "start a sandbox (make sandbox-up), or name your registry by REGISTRY"
# What docker's last words mean; the first pattern that is found counts. These are the words of Go's net, net/http,
# http2 and crypto/tls, of system calls, of DNS and of proxies: which of them docker ends with is a matter of chance.
REASONS: list[tuple[type[Stop], str, str]] = [
    (Stop, r"HTTP response to HTTPS", "it speaks plain HTTP; add it to insecure-registries in Docker's daemon.json"),
    (Stop, r"no space left|quota exceeded|: 507\b", FAILED),
    (
        Transient,
        r"(^|\s)EOF\b|reset by peer|(broken|closed) pipe|use of closed|closed idle|connection (broken|abort)"
        r"|(broken|dropped) connection|not connected|with Body length|http2: |(stream|connection) error: "
        r"|tls: (protocol is shutdown|bad record MAC|internal error|user canceled)"
        r"|blob upload (unknown|invalid)|unknown error|(: |HTTP )500\b",
        FAILED,
    ),
    (
        Transient,
        r"(?i)refused|no such host|misbehaving|name resolution|no route|unreachable|(network|host) is down|temporarily"
        r"|time(d |-)?out|deadline exceeded|bad gateway|service unavailable|(: |HTTP )(408|50[234]|52\d)\b",
        "it does not answer; {step}",
    ),
    (Transient, r"(?i)too ?many ?requests", "it limits the number of requests; try again later"),
    (Stop, r"x509|400 Bad Request|tls: ", "it speaks TLS with a certificate or a name that docker does not trust"),
    (
        Stop,
        r"no basic auth|authorization failed|unauthorized|401 Unauth|403 Forbid|access denied|access to the resource",
        "it does not let you in; log in: docker login {host}",
    ),
]
# Seconds before each retry: a registry that restarts, or the proxy in front of it, is back by then.
PAUSES = (1, 2, 4, 8)
# Of an address, without the colon behind it.
QUERY = re.compile(r"\?[^\s\"]+?(?=:?(\s|\"|$))")


def failure(reference: str, told: str) -> Stop:
    """Why a registry did not do what docker asked it for, in one line: what that means, and docker's last words."""
    words = QUERY.sub("", told).strip().splitlines()[-1].removeprefix("ERROR: ") if told.strip() else "no word of why"
    for kind, pattern, meaning in REASONS:
        if re.search(pattern, words):
            name = reference.partition("/")[0]
            step = START_SANDBOX if name == SANDBOX else "is it running?"
            return kind(f"registry {name}: {meaning.format(host=name, step=step)} (docker: {words})")
    return Stop(f"docker: {words}")


def retried(request: Callable[[], Answer], pauses: Sequence[int] = PAUSES) -> Answer:
    """What `request` returns; repeats it, after each pause, while the registry fails in a way that often passes.

    Raises:
        Stop: the registry refuses, or still fails after the last retry.
    """
    for seconds in pauses:
        try:
            return request()
        except Transient as error:
            meaning, _, _ = str(error).partition(" (docker: ")
            print(f"{meaning}; retrying in {seconds} s", file=sys.stderr, flush=True)
            time.sleep(seconds)
    try:
        return request()
    except Transient as error:
        raise Stop(
            f"{error}; gave up after {len(pauses) + 1} attempts; run the same command again to push the rest"
        ) from error


def ask(reference: str, template: str) -> Any:
    """What docker says of a published image by a template that gives JSON; None if it is not published."""
    command = ["docker", "buildx", "imagetools", "inspect", "--format", template, reference]
    answer = subprocess.run(command, capture_output=True, text=True)
    if answer.returncode == 0:
        return json.loads(answer.stdout)
    if answer.stderr.strip().endswith(f"{reference}: not found"):
        return None
    raise failure(reference, answer.stderr)


def inspect(reference: str) -> dict[str, Any]:
    """A published image: name, manifest (with its digest) and image, its configuration; empty if there is none.

    The image of several platforms is a mapping from platform to configuration.
    """
    return ask(reference, "{{json .}}") or {}


def digest(reference: str) -> str:
    """The digest, sha256:…, of a published image (of its index, if it has one); empty if it is not published."""
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
    """Makes one image of published ones, given by digest, or gives one of them another name; copies what is missing."""
    command = ["docker", "buildx", "imagetools", "create", "--tag", reference, *images]

    def request() -> None:
        answer = subprocess.run(command, capture_output=True, text=True)
        if answer.returncode:
            raise failure(reference, answer.stderr)

    retried(request)
