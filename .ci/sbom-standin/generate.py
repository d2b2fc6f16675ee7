"""Lists the Python packages of an image in an SPDX document, by BuildKit's protocol for SBOM generators."""

import importlib.metadata
import json
import os
import pathlib

source = pathlib.Path(os.environ["BUILDKIT_SCAN_SOURCE"])
folders = sorted({str(file.parent) for file in source.rglob("*.dist-info") if not file.is_symlink()})
packages = [
    {
        "SPDXID": f"SPDXRef-{number}",
        "name": found.metadata["Name"],
        "versionInfo": found.version,
        "downloadLocation": "NOASSERTION",
        "externalRefs": [
            {
                "referenceCategory": "PACKAGE-MANAGER",
                "referenceType": "purl",
                "referenceLocator": f"pkg:pypi/{found.metadata['Name'].lower()}@{found.version}",
            }
        ],
    }
    for number, found in enumerate(importlib.metadata.distributions(path=folders))
]
document = {
    "spdxVersion": "SPDX-2.3",
    "SPDXID": "SPDXRef-DOCUMENT",
    "dataLicense": "CC0-1.0",
    "name": "sbom",
    "documentNamespace": "https://example.com/sbom",
    "creationInfo": {"created": "1970-01-01T00:00:00Z", "creators": ["Tool: sbom-standin"]},
    "packages": packages,
}
statement = {
    "_type": "https://in-toto.io/Statement/v0.1",
    "predicateType": "https://spdx.dev/Document",
    "predicate": document,
}
pathlib.Path(os.environ["BUILDKIT_SCAN_DESTINATION"], "sbom.spdx.json").write_text(json.dumps(statement))
