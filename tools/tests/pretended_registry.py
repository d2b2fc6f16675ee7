"""A registry that exists only for a test, which says what it holds."""

import pytest

from tools.images import published

DIGEST, OTHER = (f"sha256:{64 * digit}" for digit in "ab")


@pytest.fixture
def registry(monkeypatch):
    """What the registry has: digests by reference."""
    images: dict[str, str] = {}
    monkeypatch.setattr(published.registry, "digest", lambda reference: images.get(reference, ""))
    monkeypatch.setattr(published.shutil, "which", lambda name: name)
    monkeypatch.setattr(published, "REGISTRY", "localhost:30000/lessons")
    monkeypatch.setattr(published, "tag", lambda: "0123456789ab-dirty")
    return images


def tagged(image: str, tag: str = "0123456789ab-dirty") -> str:
    return f"localhost:30000/lessons/{image}:{tag}"
