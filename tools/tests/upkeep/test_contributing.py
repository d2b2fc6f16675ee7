"""The licence is the one that images name."""

import hashlib

from tools.core.paths import ROOT


def test_the_licence_is_the_apache_licence_to_the_letter():
    """By its digest as apache.org publishes it, with and without the empty line at its beginning."""
    text = (ROOT / "LICENSE").read_text()
    assert (
        hashlib.sha256(text.encode()).hexdigest() == "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"
    )
    assert '"org.opencontainers.image.licenses" = "Apache-2.0"' in (ROOT / "docker-bake.hcl").read_text()
