"""Whether a registry has an image: Flyte waits three minutes before it says that a cluster cannot pull one."""

import functools
import re

import requests

SECONDS = 3
KINDS = ", ".join(
    f"application/vnd.{kind}+json"
    for kind in (
        "oci.image.index.v1",
        "oci.image.manifest.v1",
        "docker.distribution.manifest.list.v2",
        "docker.distribution.manifest.v2",
    )
)
# A reference as Docker reads it: the first part is a registry if it has a dot or a port, or is localhost.
REFERENCE = re.compile(
    r"(?P<host>localhost(?::\d+)?|[^/@]+[.:][^/@]*)/(?P<name>[^:@]+)(?::(?P<tag>[^@]+))?(?:@(?P<digest>.+))?"
)


@functools.cache
def is_missing(image: str) -> bool:
    """Whether its registry answers, without a login, that it does not have an image; what is not known is no yes."""
    if not (parts := REFERENCE.fullmatch(image)):
        return False
    scheme = "http" if parts["host"].startswith(("localhost", "127.")) else "https"
    address = f"{scheme}://{parts['host']}/v2/{parts['name']}/manifests/{parts['digest'] or parts['tag'] or 'latest'}"
    try:
        return requests.head(address, headers={"Accept": KINDS}, timeout=SECONDS).status_code == 404
    except requests.RequestException:
        return False
