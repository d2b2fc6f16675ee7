"""The variables that say how images are built, checked before docker-bake.hcl reads them.

They are checked here, not by validation blocks in docker-bake.hcl: the buildx of Debian 13 cannot read a file that
has one, and here a wrong value ends in one line.
"""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from tools.core import secrets
from tools.core.errors import Stop
from tools.core.paths import ROOT
from tools.core.variables import clean_environment, switch
from tools.lessons.catalog import torch_is_cuda

NAME = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
REGISTRY = re.compile(rf"[a-zA-Z0-9.-]+(:\d+)?(/{NAME})*")
IMAGE = re.compile(rf"([a-zA-Z0-9.-]+(:\d+)?/)?{NAME}(/{NAME})*(:\w[\w.-]{{0,127}})?(@sha256:[0-9a-f]{{64}})?")
PLATFORMS = re.compile(r"linux/(amd64|arm64)(,linux/(amd64|arm64))*")
ADDRESS = re.compile(r"https?://\S+")


def folder(value: str) -> bool:
    return (ROOT / value).is_dir()


def file(value: str) -> bool:
    return (ROOT / value).is_file()


def certificates(value: str) -> bool:
    return file(value) and b"-----BEGIN CERTIFICATE-----" in (ROOT / value).read_bytes()


# What each may be, and how an error describes it.
VARIABLES: dict[str, tuple[Callable[[str], object], str]] = {
    "REGISTRY": (REGISTRY.fullmatch, "a registry and a path in small letters, without https://: REGISTRY=ghcr.io/you"),
    "BASE_IMAGE": (IMAGE.fullmatch, "the name of an image: BASE_IMAGE=python:3.11-slim-bookworm"),
    "PLATFORMS": (PLATFORMS.fullmatch, "one or both of linux/amd64,linux/arm64"),
    "WHEELS": (folder, "a folder with wheels, which this is not"),
    "JARS": (folder, "a folder with jars, which this is not"),
    "UV_TOML": (file, "a file with settings of uv, which this is not"),
    "CERTIFICATES": (certificates, "a file with certificates (PEM), which this is not"),
    "SBOM_GENERATOR": (IMAGE.fullmatch, "the name of an image: SBOM_GENERATOR=docker/buildkit-syft-scanner:stable-1"),
}


def check(environment: Mapping[str, str]) -> None:
    """Raises Stop for the first variable that has a wrong value; an empty one is none."""
    torch_is_cuda()
    for name, (is_right, wanted) in VARIABLES.items():
        value = environment.get(name, "")
        if value and not is_right(value):
            raise Stop(f"{name} is {value!r}; it names {wanted}")
    secrets.check(environment)
    # Never shown: it may hold a password.
    if (index := environment.get("INDEX")) and not ADDRESS.fullmatch(index):
        raise Stop("INDEX must be the address of a package index, such as https://host/simple")


def of_builds() -> dict[str, str]:
    """The environment for bake: uv's settings here for wheels, index and certificates apply to the builds too.

    A value that the caller gave by the build's own name stays. An empty one is left out: bake has a default.
    """
    secrets.check()  # here it has the name by which the caller knows it
    told = clean_environment()
    folders = told.get("UV_FIND_LINKS", "").split(",")
    known = {
        "WHEELS": next((name for name in folders if name and Path(name).is_dir()), ""),
        "INDEX": told.get("UV_DEFAULT_INDEX", ""),
        "CERTIFICATES": told.get("SSL_CERT_FILE", ""),
    }
    environment = known | {name: value for name, value in os.environ.items() if value}
    check(environment)
    if not switch("ATTEST"):
        environment.pop("ATTEST", None)
    return {name: value for name, value in environment.items() if value}
